import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { findBinaries, serverOwner } from './binaries.ts';
import { runServer, type Server } from './server.ts';

const run = promisify(execFile);
const PORT_ATTEMPTS = 5;

export interface PostgresOptions<Name extends string> {
  /** One database and one role of its own each; lower-case words. */
  readonly databases: readonly Name[];
  /** Server settings, for example `{ fsync: 'off' }` where a test is not about durability. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface Postgres<Name extends string> {
  /** Connection strings; each role owns its own database and may connect to no other. */
  readonly urls: Readonly<Record<Name, string>>;
  /** The superuser's connection string. */
  readonly adminUrl: string;
  /** Stops at once, as after a power cut; the data stay. */
  crash(): Promise<void>;
  /** Starts again over the same data, on the same port, after `crash`. */
  restart(): Promise<void>;
  /** Stops and deletes the data. */
  stop(): Promise<void>;
}

/**
 * Starts a real Postgres in a temporary directory, on a free port of 127.0.0.1. It goes down with the process that
 * started it, however that ends.
 */
export async function startPostgres<const Name extends string>(
  options: PostgresOptions<Name>,
): Promise<Postgres<Name>> {
  for (const name of options.databases) {
    if (!/^[a-z][a-z0-9_]{0,30}$/.test(name) || name === 'postgres') throw new Error(`bad database name: ${name}`);
  }
  const owner = await serverOwner();
  const directory = await mkdtemp(join(tmpdir(), 'countersign-postgres-'));
  try {
    if (owner !== undefined) await chown(directory, owner.uid, owner.gid);
    const binaries = await findBinaries(owner, directory);
    const password = newPassword();
    const passwordFile = join(directory, 'password');
    await writeFile(passwordFile, password);
    if (owner !== undefined) await chown(passwordFile, owner.uid, owner.gid);
    const initdb = ['--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--no-sync'];
    const locale = ['--encoding=UTF8', '--locale=C', '--no-instructions', `--pgdata=${join(directory, 'data')}`];
    await run(binaries.initdb, [...initdb, ...locale], { ...owner, cwd: directory });
    await rm(passwordFile);

    const settings = options.settings ?? {};
    const startOn = async (port: number): Promise<Server> => {
      const probeUrl = urlOf('postgres', password, port, 'postgres');
      return runServer({ binaries, owner, directory, port, settings, probeUrl });
    };
    const started = await startOnFreePort(startOn);
    let server = started.server;
    const adminUrl = urlOf('postgres', password, started.port, 'postgres');
    const stop = async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    };
    try {
      const urls = await createDatabases(adminUrl, started.port, options.databases);
      const restart = async () => {
        server = await startOn(started.port);
      };
      return { urls, adminUrl, crash: () => server.crash(), restart, stop };
    } catch (error) {
      await stop();
      throw error;
    }
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

async function createDatabases<Name extends string>(adminUrl: string, port: number, names: readonly Name[]) {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await admin.query('REVOKE CONNECT ON DATABASE postgres FROM PUBLIC');
    await admin.query('REVOKE CONNECT ON DATABASE template1 FROM PUBLIC');
    const urls: Partial<Record<Name, string>> = {};
    for (const name of names) {
      const password = newPassword();
      await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD '${password}'`);
      await admin.query(`CREATE DATABASE ${name} OWNER ${name}`);
      await admin.query(`REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC`);
      urls[name] = urlOf(name, password, port, name);
    }
    return urls as Record<Name, string>;
  } finally {
    await admin.end();
  }
}

// Another process can take the port between asking for it and listening on it.
async function startOnFreePort(startOn: (port: number) => Promise<Server>): Promise<{ port: number; server: Server }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    try {
      return { port, server: await startOn(port) };
    } catch (error) {
      if (attempt === PORT_ATTEMPTS || !/Address already in use/.test(String(error))) throw error;
    }
  }
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  listener.close();
  await once(listener, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was assigned');
  return address.port;
}

const newPassword = () => randomBytes(16).toString('hex');

const urlOf = (user: string, password: string, port: number, database: string) =>
  `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;
