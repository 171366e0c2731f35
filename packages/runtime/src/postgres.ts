import { Writable } from 'node:stream';
import { types } from 'node:util';
import pg from 'pg';
import { ConfigError } from './config.ts';

export type Pool = pg.Pool;
export type PoolClient = pg.PoolClient;

export interface PoolOptions {
  /** postgres://user:password@host:port/database */
  readonly url: string;
  /** Connections at most; 10 by default. */
  readonly max?: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName?: string;
  /** A statement that takes longer is cancelled by the server; 10 s by default. */
  readonly statementTimeoutMs?: number;
  /** To wait for a free or new connection; 5 s by default. */
  readonly connectTimeoutMs?: number;
  /** Sends a query while the ones before it on the same connection are still out; false by default. */
  readonly pipeline?: boolean;
  /** Settings of each session, beside the timeouts; values without spaces. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Told of connections that break, also while nobody uses them. */
  readonly onError?: (error: Error) => void;
}

// Any other parameter of the address would take the place of a setting of ours, without a word.
const PARAMETERS = new Set(['host', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'sslnegotiation', 'uselibpqcompat']);

function assertNoSettings(url: string): void {
  const query = url.includes('?') ? url.slice(url.indexOf('?') + 1) : '';
  const other = [...new URLSearchParams(query).keys()].filter((name) => !PARAMETERS.has(name));
  if (other.length === 0) return;
  // What is no word may be a part of the password.
  const got = other.map((name) => (/^[a-z_]+$/.test(name) ? name : '…')).join(', ');
  const problem = `expected no parameters but ${[...PARAMETERS].join(', ')}, got ${got}`;
  throw new ConfigError([{ where: 'DATABASE_URL', problem }]);
}

/**
 * A connection pool. int8 arrives as bigint, numeric as string, bytea as Buffer, timestamptz as Date.
 * @throws ConfigError for DATABASE_URL where it sets what is not the operator's to set.
 */
export function createPool(options: PoolOptions): Pool {
  assertNoSettings(options.url);
  const onError = options.onError ?? (() => undefined);
  const statementTimeout = options.statementTimeoutMs ?? 10_000;
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.max ?? 10,
    application_name: options.applicationName ?? 'countersign',
    statement_timeout: statementTimeout,
    idle_in_transaction_session_timeout: statementTimeout,
    // For a server that is gone without a word: longer than its own timeout, so that its answer is preferred.
    query_timeout: statementTimeout + 2_000,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    keepAlive: true,
    pipeline: options.pipeline ?? false,
    options: Object.entries(options.settings ?? {})
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
    types: typeParsers(),
  });
  pool.on('error', onError);
  // Without a listener, a connection that breaks while it is lent out would end the process.
  pool.on('connect', (client) => client.on('error', onError));
  return pool;
}

const INT8_ARRAY = 1016;

function typeParsers(): pg.TypeOverrides {
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, BigInt);
  types.setTypeParser(INT8_ARRAY, parseBigints);
  return types;
}

// One dimension, `{1,NULL,-3}`.
const parseBigints = (text: string): (bigint | null)[] =>
  text === '{}'
    ? []
    : text
        .slice(1, -1)
        .split(',')
        .map((item) => (item === 'NULL' ? null : BigInt(item)));

export interface TransactionOptions {
  /** Read committed by default. */
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
  /** How often `run` is tried again after a serialization failure or a deadlock; 0 by default. */
  readonly retries?: number;
}

/**
 * Runs `run` in one transaction: committed when it resolves, rolled back when it rejects. When the commit itself fails
 * for lack of a connection, nobody knows whether it happened.
 */
export async function inTransaction<Result>(
  pool: Pool,
  run: (client: PoolClient) => Promise<Result>,
  { isolation = 'read committed', retries = 0 }: TransactionOptions = {},
): Promise<Result> {
  for (let left = retries; ; left--) {
    try {
      return await once(pool, run, isolation);
    } catch (error) {
      if (left <= 0 || !isTransient(error)) throw error;
    }
  }
}

async function once<Result>(
  pool: Pool,
  run: (client: PoolClient) => Promise<Result>,
  isolation: string,
): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(`BEGIN ISOLATION LEVEL ${isolation}`);
    const result = await run(client);
    const { command } = await client.query('COMMIT');
    // Postgres answers COMMIT with ROLLBACK, and no error, where a statement failed and `run` swallowed that.
    if (command !== 'COMMIT') throw new Error('transaction: a statement failed, so nothing was committed');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

// https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html
const TRANSIENT = new Set(['40001', '40P01']);

function isTransient(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code !== undefined && TRANSIENT.has(error.code);
}

/** Whether the server itself said no to a statement, as against a connection that broke or never was. */
export function isServerError(error: unknown): error is Error {
  return error instanceof pg.DatabaseError;
}

/**
 * Runs `send`, and what it asks of a pipelining client before it first waits leaves in one write: a system call and a packet
 * for all, not for each.
 */
export function together<T>(client: PoolClient, send: () => T): T {
  const stream = streamOf(client);
  stream?.cork();
  try {
    return send();
  } finally {
    stream?.uncork();
  }
}

// The driver has no such word; a client without a stream sends each query by itself, as it would otherwise.
function streamOf(client: object): Writable | undefined {
  const connection: unknown = 'connection' in client ? client.connection : undefined;
  if (typeof connection !== 'object' || connection === null || !('stream' in connection)) return undefined;
  return connection.stream instanceof Writable ? connection.stream : undefined;
}

// Deadlock, serialization failure, and a row that somebody else has put there first.
const CONFLICTS = new Set([...TRANSIENT, '23505']);

/** Whether a transaction lost against another one, and may do better when it looks again. */
export function isConflict(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code !== undefined && CONFLICTS.has(error.code);
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html, lock_not_available.
const LOCK_TIMEOUT = '55P03';

/** Whether a statement gave up waiting for a row that somebody else has locked (`lock_timeout`). */
export function isLockTimeout(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === LOCK_TIMEOUT;
}

/** @throws ConfigError for DATABASE_URL, saying why its database cannot be connected to, without its password. */
export async function assertReachable(pool: Pool): Promise<void> {
  try {
    (await pool.connect()).release();
  } catch (error) {
    throw new ConfigError([{ where: 'DATABASE_URL', problem: `cannot connect: ${whyNot(error)}` }]);
  }
}

// Of a host with several addresses the error has one cause for each, and no message of its own.
function whyNot(error: unknown): string {
  if (!types.isNativeError(error)) return String(error);
  return 'errors' in error && Array.isArray(error.errors) ? error.errors.map(whyNot).join(', ') : error.message;
}

/** Refuses a database that may forget what it has confirmed: fsync, full_page_writes and synchronous_commit must be on. */
export async function assertDurable(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ name: string; setting: string }>(
    `SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') ORDER BY name`,
  );
  const off = rows.filter(({ setting }) => setting !== 'on' && setting !== 'remote_apply');
  if (rows.length === 3 && off.length === 0) return;
  throw new Error(`database: not durable: ${off.map(({ name, setting }) => `${name} is ${setting}`).join(', ')}`);
}
