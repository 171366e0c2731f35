import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Postgres, startPostgres } from '@countersign/dev/postgres';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { assertDurable, createPool, inTransaction, type Pool, type PoolOptions } from './postgres.ts';

let postgres: Postgres<'app'>;
const pools: Pool[] = [];

function open(options: Partial<PoolOptions> = {}): Pool {
  const pool = createPool({ url: postgres.urls.app, ...options });
  pools.push(pool);
  return pool;
}

beforeAll(async () => {
  postgres = await startPostgres({ databases: ['app'] });
  await open().query('CREATE TABLE counters (id int PRIMARY KEY, value bigint NOT NULL)');
});

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.end()));
});

afterAll(() => postgres.stop());

const countRows = async (pool: Pool, id: number) =>
  (await pool.query('SELECT value FROM counters WHERE id = $1', [id])).rows.map(({ value }) => value);

describe('createPool', () => {
  test('reads int8 as bigint, also in arrays, and leaves numeric as text', async () => {
    const { rows } = await open().query(
      `SELECT 9223372036854775807::int8 AS big, 1.50::numeric AS exact, 7::int4 AS small,
              ARRAY[1, NULL, -9223372036854775808]::int8[] AS many, '{}'::int8[] AS none, NULL::int8 AS nothing,
              '\\x00ff'::bytea AS bytes, '{"a":1}'::jsonb AS json, 'epoch'::timestamptz AS at, count(*) AS counted`,
    );
    expect(rows).toEqual([
      {
        big: 2n ** 63n - 1n,
        exact: '1.50',
        small: 7,
        many: [1n, null, -(2n ** 63n)],
        none: [],
        nothing: null,
        bytes: Buffer.from([0, 255]),
        json: { a: 1 },
        at: new Date(0),
        counted: 1n,
      },
    ]);
  });

  test('writes bigints and bytes', async () => {
    const { rows } = await open().query('SELECT $1::int8 AS big, $2::numeric AS huge, $3::bytea AS bytes', [
      -(2n ** 63n),
      2n ** 256n,
      new Uint8Array([1, 2]),
    ]);
    expect(rows).toEqual([{ big: -(2n ** 63n), huge: (2n ** 256n).toString(), bytes: Buffer.from([1, 2]) }]);
  });

  test('says who it is, and cancels what takes too long', async () => {
    const pool = open({ applicationName: 'signer', statementTimeoutMs: 500 });
    const { rows } = await pool.query(`SELECT current_setting('application_name') AS name`);
    expect(rows).toEqual([{ name: 'signer' }]);
    await expect(pool.query('SELECT pg_sleep(10)')).rejects.toThrow('canceling statement due to statement timeout');
  });

  test('gives its sessions the settings asked for', async () => {
    const pool = open({ settings: { jit: 'off', plan_cache_mode: 'force_generic_plan' } });
    const { rows } = await pool.query(
      `SELECT current_setting('jit') AS jit, current_setting('plan_cache_mode') AS plans`,
    );
    expect(rows).toEqual([{ jit: 'off', plans: 'force_generic_plan' }]);
  });

  test('takes of its address what names the server, and no setting', () => {
    const at = 'postgres://role:secret@localhost/app';
    expect(() => createPool({ url: `${at}?sslmode=verify-full&sslrootcert=/ca.pem` })).not.toThrow();
    expect(() => createPool({ url: `${at}?sslmode=disable&options=-c%20synchronous_commit%3Doff` })).toThrow(
      /^DATABASE_URL: expected no parameters but host, .*, got options$/,
    );
    expect(() => createPool({ url: `${at}?statement_timeout=0` })).toThrow(/got statement_timeout$/);
    expect(() => createPool({ url: `${at}?sslmode=disable?x&options=-c` })).toThrow(/got options$/);
    expect(() => createPool({ url: 'postgres://role:pa?secret@localhost/app' })).toThrow(/got …$/);
  });

  test('does not wait for a connection for ever', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const pool = open({ url: `postgres://app:x@127.0.0.1:${address.port}/app`, connectTimeoutMs: 50 });
    await expect(pool.query('SELECT 1')).rejects.toThrow(/timeout/);
    silent.close();
  });

  test('survives the loss of its connections, idle or lent, and connects again', async () => {
    const errors: Error[] = [];
    const pool = open({ onError: (error) => errors.push(error) });
    const [lent, idle] = await Promise.all([pool.connect(), pool.connect()]);
    idle.release();
    const lost = new Promise((resolve) => {
      lent.once('end', resolve);
    });
    await postgres.crash();
    await lost;
    await expect(pool.query('SELECT 1')).rejects.toThrow();
    lent.release(true);
    await postgres.restart();
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    expect(errors.length).toBeGreaterThan(0);
  });

  test('survives that without anybody listening', async () => {
    const pool = open();
    const lent = await pool.connect();
    const lost = new Promise((resolve) => {
      lent.once('end', resolve);
    });
    await postgres.crash();
    await lost;
    lent.release(true);
    await postgres.restart();
  });
});

describe('inTransaction', () => {
  test('commits what was done, and gives the result', async () => {
    const pool = open();
    const result = await inTransaction(pool, async (client) => {
      await client.query('INSERT INTO counters VALUES (1, 5)');
      return 'done';
    });
    expect(result).toBe('done');
    expect(await countRows(pool, 1)).toEqual([5n]);
  });

  test('rolls back, and gives the error, when the function throws', async () => {
    const pool = open({ max: 1 });
    const failed = inTransaction(pool, async (client) => {
      await client.query('INSERT INTO counters VALUES (2, 5)');
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(await countRows(pool, 2)).toEqual([]);
  });

  test('does not pass off a swallowed failure as a commit', async () => {
    const pool = open();
    const failed = inTransaction(pool, async (client) => {
      await client.query('INSERT INTO counters VALUES (3, 5)');
      await client.query('SELECT 1/0').catch(() => undefined);
    });
    await expect(failed).rejects.toThrow('nothing was committed');
    expect(await countRows(pool, 3)).toEqual([]);
  });

  test('throws the connection away when it breaks, and gives the first error', async () => {
    const pool = open({ max: 1 });
    const failed = inTransaction(pool, async (client) => {
      await client.query('SELECT pg_terminate_backend(pg_backend_pid())');
    });
    await expect(failed).rejects.toThrow(/terminating connection/);
    expect(await countRows(pool, 3)).toEqual([]);
  });

  test('runs again after a serialization failure, as often as it is told', async () => {
    const pool = open();
    await pool.query('INSERT INTO counters VALUES (4, 0)');
    const increment = (retries: number) => {
      let runs = 0;
      const done = inTransaction(
        pool,
        async (client) => {
          runs++;
          const { rows } = await client.query<{ value: bigint }>('SELECT value FROM counters WHERE id = 4');
          // Somebody else commits in between, in the first run only.
          if (runs === 1) await pool.query('UPDATE counters SET value = value + 100 WHERE id = 4');
          await client.query('UPDATE counters SET value = $1 WHERE id = 4', [(rows[0]?.value ?? 0n) + 1n]);
          return runs;
        },
        { isolation: 'serializable', retries },
      );
      return done;
    };
    await expect(increment(0)).rejects.toMatchObject({ code: '40001' });
    expect(await countRows(pool, 4)).toEqual([100n]);
    expect(await increment(1)).toBe(2);
    expect(await countRows(pool, 4)).toEqual([201n]);
  });

  test('runs an error of its own never again', async () => {
    let runs = 0;
    const failed = inTransaction(
      open(),
      async (client) => {
        runs++;
        await client.query('INSERT INTO counters VALUES (1, 1)');
      },
      { retries: 3 },
    );
    await expect(failed).rejects.toMatchObject({ code: '23505' });
    expect(runs).toBe(1);
  });
});

describe('assertDurable', () => {
  test('accepts a server as it comes', async () => {
    await expect(assertDurable(open())).resolves.toBeUndefined();
  });

  test('refuses a session, a role or a database that does not wait for the disk', async () => {
    await open().query('ALTER ROLE app SET synchronous_commit = off');
    await expect(assertDurable(open())).rejects.toThrow('database: not durable: synchronous_commit is off');
    await open().query('ALTER ROLE app SET synchronous_commit = remote_apply');
    await expect(assertDurable(open())).resolves.toBeUndefined();
  });

  test('refuses a server without fsync or full page writes', async () => {
    const careless = await startPostgres({ databases: ['app'], settings: { fsync: 'off', full_page_writes: 'off' } });
    try {
      const pool = createPool({ url: careless.urls.app });
      await expect(assertDurable(pool)).rejects.toThrow('database: not durable: fsync is off, full_page_writes is off');
      await pool.end();
    } finally {
      await careless.stop();
    }
  });
});
