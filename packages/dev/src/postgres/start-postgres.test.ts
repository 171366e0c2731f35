import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { type Postgres, startPostgres } from './start-postgres.ts';

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe('an embedded Postgres', () => {
  let postgres: Postgres<'api' | 'signer'>;
  beforeAll(async () => {
    postgres = await startPostgres({ databases: ['api', 'signer'], settings: { work_mem: '5MB' } });
  });
  afterAll(() => postgres.stop());

  test('is durable unless told otherwise, and takes settings', async () => {
    const rows = await query(
      postgres.urls.api,
      `SELECT current_setting('fsync') AS fsync, current_setting('work_mem') AS work_mem`,
    );
    expect(rows).toEqual([{ fsync: 'on', work_mem: '5MB' }]);
  });

  test('lets a role own its database and enter no other', async () => {
    await query(postgres.urls.api, 'CREATE TABLE mine (id int)');
    for (const other of ['signer', 'postgres', 'template1']) {
      const url = new URL(postgres.urls.api);
      url.pathname = other;
      await expect(query(url.href, 'SELECT 1')).rejects.toThrow(/permission denied/);
    }
  });

  test('refuses a wrong password', async () => {
    const url = new URL(postgres.urls.api);
    url.password = 'wrong';
    await expect(query(url.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
  });

  test('keeps what was committed through a crash, on the same address', async () => {
    await query(postgres.urls.signer, 'CREATE TABLE kept AS SELECT 7 AS value');
    await postgres.crash();
    await expect(query(postgres.urls.signer, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
    await postgres.restart();
    expect(await query(postgres.urls.signer, 'SELECT value FROM kept')).toEqual([{ value: 7 }]);
  });
});

test('a server that cannot start says why and leaves nothing behind', async () => {
  await expect(startPostgres({ databases: ['api'], settings: { no_such_setting: '1' } })).rejects.toThrow(
    /no_such_setting/,
  );
});

test('a name that is not one lower-case word is refused', async () => {
  await expect(startPostgres({ databases: ['x"; --'] })).rejects.toThrow(/bad database name/);
});
