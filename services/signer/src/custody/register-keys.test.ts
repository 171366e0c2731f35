import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type AuditDatabase, openAuditDatabase } from '../../testing/audit-database.ts';
import { bindKeys, registerKeys } from './register-keys.ts';

let database: AuditDatabase;
beforeAll(async () => {
  database = await openAuditDatabase();
});
beforeEach(() => database.pool.query('delete from keys'));
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const key = (id: string, byte: number) => ({ id, publicKey: new Uint8Array(32).fill(byte) });
type Key = ReturnType<typeof key>;
const register = (...keys: Key[]) => registerKeys(database.pool, keys);
/** What a signer does that starts. */
const start = async (...keys: Key[]) => {
  await register(...keys);
  await bindKeys(database.pool, keys);
};
async function known(): Promise<string[]> {
  const { rows } = await database.pool.query<{ line: string }>(
    `select key_id || ' ' || coalesce(left(encode(public_key, 'hex'), 2), '-') as line from keys order by 1`,
  );
  return rows.map(({ line }) => line);
}

test('keys become known by their ids, and are bound to them once a signer has started with them', async () => {
  await register(key('a', 1), key('b', 2));
  expect(await known()).toEqual(['a -', 'b -']);
  await start(key('a', 1), key('c', 3));
  expect(await known()).toEqual(['a 01', 'b -', 'c 03']);
});

test('a start that comes to nothing binds nothing: its keys may be put right', async () => {
  await register(key('a', 1));
  await start(key('a', 2));
  expect(await known()).toEqual(['a 02']);
});

test('a key that was known by its id alone keeps what else is known of it', async () => {
  await database.pool.query(`insert into keys (key_id, kms_since) values ('a', '2026-01-01')`);
  await start(key('a', 1));
  expect(await known()).toEqual(['a 01']);
  expect((await database.pool.query('select from keys where kms_since is not null')).rows).toHaveLength(1);
});

test('an id is one key for good', async () => {
  await start(key('a', 1));
  await expect(register(key('a', 2), key('b', 3))).rejects.toThrow(
    /^KEYS_FILE: key a: public key: expected (01){32}, which this id was first started with, got (02){32}$/,
  );
  expect(await known()).toEqual(['a 01']);
});

test('a key has one id: another one would leave its freeze and its limits behind', async () => {
  await start(key('a', 1));
  await expect(register(key('b', 1))).rejects.toThrow(
    'KEYS_FILE: key b: public key: expected one that is new here, got that of a',
  );
  expect(await known()).toEqual(['a 01']);
});

test('of many starts at once those that mean the same keys succeed', async () => {
  const starts = Array.from({ length: 8 }, (_, n) => start(key('a', 1), key('b', n % 2 === 0 ? 2 : 3)));
  const settled = await Promise.allSettled(starts);
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
});

test('a start with keys that are bound waits for nobody who holds their rows', async () => {
  await start(key('a', 1), key('b', 2));
  const client = await database.pool.connect();
  try {
    await client.query('begin');
    await client.query('select from keys order by key_id for update');
    await start(key('b', 2), key('a', 1));
  } finally {
    await client.query('rollback');
    client.release();
  }
});
