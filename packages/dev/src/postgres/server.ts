import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Binaries, Owner } from './binaries.ts';

const START_TIMEOUT_MS = 30_000;

// Postgres does not notice that the process that started it was killed. The shell does: its standard input ends.
const WATCHDOG = `exec 3<&0
"$@" 3<&- &
server=$!
{ cat <&3 >/dev/null; kill -INT $server; } &
exec 3<&-
wait $server`;

export interface Server {
  /** Fast shutdown: open transactions are rolled back, clients are disconnected. */
  stop(): Promise<void>;
  /** Immediate shutdown, as after a power cut: the next start recovers from the write-ahead log. */
  crash(): Promise<void>;
}

export interface ServerOptions {
  readonly binaries: Binaries;
  readonly owner: Owner | undefined;
  readonly directory: string;
  readonly port: number;
  readonly settings: Readonly<Record<string, string>>;
  /** Answers once the server does. */
  readonly probeUrl: string;
}

/** Runs the server over `<directory>/data`, in a process group of its own so that a Ctrl-C in a terminal leaves it alone. */
export async function runServer(options: ServerOptions): Promise<Server> {
  const { binaries, owner, directory, port, settings, probeUrl } = options;
  const data = join(directory, 'data');
  const flags = Object.entries({ ...settings, listen_addresses: '127.0.0.1', unix_socket_directories: '' });
  const server = ['-D', data, '-p', String(port), ...flags.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const log = await open(join(directory, 'postgres.log'), 'a');
  const child = spawn('/bin/sh', ['-c', WATCHDOG, 'sh', binaries.postgres, ...server], {
    ...owner,
    cwd: directory,
    detached: true,
    stdio: ['pipe', log.fd, log.fd],
  });
  const exited = once(child, 'exit');
  await log.close();
  child.stdin?.on('error', () => undefined);
  try {
    await answering(child, probeUrl);
  } catch (cause) {
    child.stdin?.end();
    await exited;
    throw new Error(`Postgres did not start: ${await readFile(join(directory, 'postgres.log'), 'utf8')}`, { cause });
  }
  return {
    stop: async () => {
      child.stdin?.end();
      await exited;
    },
    crash: async () => {
      const [pid] = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n', 1);
      process.kill(Number(pid), 'SIGQUIT');
      await exited;
      child.stdin?.end();
    },
  };
}

async function answering(child: ChildProcess, url: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return;
    } catch (error) {
      if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) throw error;
      await delay(20);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
