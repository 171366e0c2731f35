import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { assertReachable, type Pool } from './postgres.ts';

// Any fixed number; two processes that migrate the same database take turns on it.
const ADVISORY_LOCK = 7_221_906_301n;
const FILE_NAME = /^(\d{3,6})_[a-z0-9_]+\.sql$/;

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/**
 * Brings the database up to the numbered files in `directory` (`001_first.sql`, …), in order, each in one transaction.
 * Refuses a file that changed after it was applied, a number that was skipped, and a database that is ahead.
 * @returns the names that were applied now.
 * @throws ConfigError where the database cannot be connected to
 */
export async function migrate(pool: Pool, directory: URL): Promise<string[]> {
  const migrations = await readMigrations(directory);
  await assertReachable(pool);
  // A connection of its own: a migration, and waiting for another process's, may take longer than any query.
  const unlimited = { statement_timeout: 0, query_timeout: 0, idle_in_transaction_session_timeout: 0, options: '' };
  const client = new pg.Client({ ...pool.options, ...unlimited });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]);
    await client.query(`CREATE TABLE IF NOT EXISTS schema_migrations (
      number integer PRIMARY KEY,
      name text NOT NULL,
      checksum text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now()
    )`);
    const pending = await findPending(client, migrations);
    for (const migration of pending) await apply(client, migration);
    return pending.map(({ name }) => name);
  } finally {
    // The lock goes with the connection.
    await client.end();
  }
}

async function readMigrations(directory: URL): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  const migrations: Migration[] = [];
  for (const name of names) {
    const number = Number(FILE_NAME.exec(name)?.[1]);
    if (number !== migrations.length + 1) {
      throw new Error(`migrations: expected a file ${migrations.length + 1}_….sql, got ${name}`);
    }
    const sql = await readFile(new URL(name, withSlash(directory)), 'utf8');
    migrations.push({ number, name, sql, checksum: createHash('sha256').update(sql).digest('hex') });
  }
  return migrations;
}

async function findPending(client: pg.Client, migrations: readonly Migration[]): Promise<Migration[]> {
  const { rows } = await client.query<{ number: number; name: string; checksum: string }>(
    'SELECT number, name, checksum FROM schema_migrations ORDER BY number',
  );
  for (const [index, applied] of rows.entries()) {
    const file = migrations[index];
    if (file === undefined || file.number !== applied.number) {
      throw new Error(`migrations: the database has ${applied.name}, which is not among the files`);
    }
    if (file.checksum !== applied.checksum) throw new Error(`migrations: ${file.name} changed after it was applied`);
  }
  return migrations.slice(rows.length);
}

async function apply(client: pg.Client, { number, name, sql, checksum }: Migration): Promise<void> {
  try {
    await client.query('BEGIN');
    await client.query(sql);
    await client.query('INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3)', [
      number,
      name,
      checksum,
    ]);
    await client.query('COMMIT');
  } catch (cause) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw new Error(`migrations: ${name} failed: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

const withSlash = (directory: URL): URL => (directory.href.endsWith('/') ? directory : new URL(`${directory.href}/`));
