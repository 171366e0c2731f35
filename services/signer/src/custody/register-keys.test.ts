import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type AuditDatabase, openAuditDatabase } from '../../testing/audit-database.ts';
import { registerKeys } from './register-keys.ts';

let database: AuditDatabase;
beforeAll(async () => {
  database = await openAuditDatabase();
});
beforeEach(() => database.pool.query('delete from keys'));
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const key = (id: string, byte: number) => ({ id, publicKey: new Uint8Array(32).fill(byte) });
const register = (...keys: ReturnType<typeof key>[]) => registerKeys(database.pool, keys);
const known = async () =>
  (
    await database.pool.query(`select key_id || ' ' || left(encode(public_key, 'hex'), 2) as line from keys order by 1`)
  ).rows.map(({ line }) => line);

test('keys become known by their ids, once', async () => {
  await register(key('a', 1), key('b', 2));
  await register(key('a', 1), key('c', 3));
  expect(await known()).toEqual(['a 01', 'b 02', 'c 03']);
});

test('a key that was known by its id alone gets its public key, and keeps what else is known of it', async () => {
  await database.pool.query(`insert into keys (key_id, kms_since) values ('a', '2026-01-01')`);
  await register(key('a', 1));
  expect(await known()).toEqual(['a 01']);
  expect((await database.pool.query('select from keys where kms_since is not null')).rows).toHaveLength(1);
});

test('an id is one key for good', async () => {
  await register(key('a', 1));
  await expect(register(key('a', 2), key('b', 3))).rejects.toThrow(
    /^KEYS_FILE: key a: public key: expected (01){32}, which this id was first started with, got (02){32}$/,
  );
  expect(await known()).toEqual(['a 01']);
});

test('a key has one id: another one would leave its freeze and its limits behind', async () => {
  await register(key('a', 1));
  await expect(register(key('b', 1))).rejects.toThrow(
    'KEYS_FILE: key b: public key: expected one that is new here, got that of a',
  );
  expect(await known()).toEqual(['a 01']);
});

test('many at once', async () => {
  const starts = Array.from({ length: 8 }, (_, n) => register(key('a', 1), key('b', n % 2 === 0 ? 2 : 3)));
  const settled = await Promise.allSettled(starts);
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
});
