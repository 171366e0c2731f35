import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Postgres, startPostgres } from '@countersign/dev/postgres';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { migrate } from './migrations.ts';
import { createPool, type Pool } from './postgres.ts';

let postgres: Postgres<'app'>;
let pool: Pool;
let hasty: Pool;
let directory: string;

beforeAll(async () => {
  postgres = await startPostgres({ databases: ['app'], settings: { fsync: 'off' } });
  pool = createPool({ url: postgres.urls.app });
  hasty = createPool({ url: postgres.urls.app, statementTimeoutMs: 1 });
});

beforeEach(async () => {
  await pool.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
  directory = mkdtempSync(join(tmpdir(), 'countersign-migrations-'));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

afterAll(async () => {
  await Promise.all([pool.end(), hasty.end()]);
  await postgres.stop();
});

const put = (name: string, sql: string) => writeFileSync(join(directory, name), sql);
// Its timeouts are for queries, not for migrations.
const run = () => migrate(hasty, pathToFileURL(directory));
const tables = async () =>
  (
    await pool.query(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1`,
    )
  ).rows.map(({ name }) => name);

test('applies what is new, in order, once', async () => {
  put('001_first.sql', 'CREATE TABLE a (id int); CREATE TABLE b (id int);');
  put('README.md', 'not a migration');
  expect(await run()).toEqual(['001_first.sql']);
  put('002_second.sql', 'ALTER TABLE a RENAME TO c;');
  expect(await run()).toEqual(['002_second.sql']);
  expect(await run()).toEqual([]);
  expect(await tables()).toEqual(['b', 'c', 'schema_migrations']);
});

test('two processes at once apply each file once, however long one takes', async () => {
  put('001_slow.sql', 'CREATE TABLE a (id int); SELECT pg_sleep(2.5);');
  put('002_next.sql', 'CREATE TABLE b (id int);');
  const results = await Promise.all([run(), run(), run()]);
  expect(results.map((names) => names.length).sort()).toEqual([0, 0, 2]);
});

test('leaves nothing of a file that fails, keeps those before it, and goes on when it is mended', async () => {
  put('001_good.sql', 'CREATE TABLE a (id int);');
  put('002_bad.sql', 'CREATE TABLE b (id int); SELECT 1/0;');
  await expect(run()).rejects.toThrow('migrations: 002_bad.sql failed: division by zero');
  expect(await tables()).toEqual(['a', 'schema_migrations']);
  put('002_bad.sql', 'CREATE TABLE b (id int);');
  expect(await run()).toEqual(['002_bad.sql']);
});

test('refuses a file that changed after it was applied', async () => {
  put('001_first.sql', 'CREATE TABLE a (id int);');
  await run();
  put('001_first.sql', 'CREATE TABLE a (id bigint);');
  await expect(run()).rejects.toThrow('migrations: 001_first.sql changed after it was applied');
});

test('refuses a database that is ahead of the files', async () => {
  put('001_first.sql', 'CREATE TABLE a (id int);');
  put('002_second.sql', 'CREATE TABLE b (id int);');
  await run();
  rmSync(join(directory, '002_second.sql'));
  await expect(run()).rejects.toThrow('migrations: the database has 002_second.sql, which is not among the files');
});

test.each([
  ['a gap', ['001_a.sql', '003_c.sql'], 'expected a file 2_….sql, got 003_c.sql'],
  ['a number twice', ['001_a.sql', '001_b.sql'], 'expected a file 2_….sql, got 001_b.sql'],
  ['a name without a number', ['first.sql'], 'expected a file 1_….sql, got first.sql'],
])('refuses %s', async (_, names, message) => {
  for (const name of names) put(name, 'SELECT 1;');
  await expect(run()).rejects.toThrow(`migrations: ${message}`);
});
