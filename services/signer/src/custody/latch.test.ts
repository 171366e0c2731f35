import type { CustodyPath } from '@countersign/custody/flag';
import { inTransaction } from '@countersign/runtime/postgres';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type AuditDatabase, openAuditDatabase } from '../../testing/audit-database.ts';
import { evmPolicy } from '../../testing/policies.ts';
import type { PolicyInForce } from '../policy/policy-in-force.ts';
import { latch, problemsWith, type Step } from './latch.ts';

let database: AuditDatabase;
beforeAll(async () => {
  database = await openAuditDatabase();
});
beforeEach(async () => {
  await database.pool.query('truncate policies');
  await database.pool.query('delete from keys');
  await database.pool.query(`insert into keys (key_id) values ('one'), ('two')`);
  await database.pool.query(`insert into policies (version, environment, digest) values (5, 'test', 'a')`);
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

function policyOf(version: number, allowLegacy: boolean): PolicyInForce {
  const key = { ...evmPolicy({}), ...(allowLegacy && ({ allowLegacy: true } as const)) };
  const policy = { version, environment: 'test', keys: new Map([['one', key]]) };
  return { policy, version: BigInt(version), digest: '', signedBy: [] };
}
const [STRICT, LENIENT] = [policyOf(5, false), policyOf(5, true)];

function take(steps: readonly Step[], policy = STRICT): Promise<string[]> {
  return inTransaction(database.pool, async (client) => {
    const problems = await problemsWith(client, policy, steps);
    if (problems.length === 0) await latch(client, steps);
    return problems;
  });
}

async function onKms(): Promise<string[]> {
  const { rows } = await database.pool.query<{ key_id: string }>(
    'select key_id from keys where kms_since is not null order by key_id',
  );
  return rows.map(({ key_id }) => key_id);
}

const BACK: readonly CustodyPath[] = ['legacy', 'shadow'];

test('up to kms every key may go, and between legacy and shadow as it likes', async () => {
  for (const to of ['shadow', 'legacy', 'shadow'] as const) expect(await take([{ key: 'one', to }])).toEqual([]);
  expect(await onKms()).toEqual([]);
  expect(await take([{ key: 'one', to: 'kms' }])).toEqual([]);
  expect(await onKms()).toEqual(['one']);
});

test.each(BACK)('from kms no key goes back to %s, whoever asks', async (to) => {
  await take([{ key: 'one', to: 'kms' }]);
  const problem = expect.stringMatching(/^key one: it has been on kms since 20\S+Z: \w+ needs allow_legacy/);
  expect(await take([{ key: 'one', to }])).toEqual([problem]);
  expect(await onKms()).toEqual(['one']);
});

test('unless policy allows it, and for as long as it does', async () => {
  await take([{ key: 'one', to: 'kms' }]);
  expect(await take([{ key: 'one', to: 'legacy' }], LENIENT)).toEqual([]);
  expect(await take([{ key: 'one', to: 'shadow' }], LENIENT)).toEqual([]);
  expect(await onKms()).toEqual(['one']);
  expect(await take([{ key: 'one', to: 'legacy' }], STRICT)).toHaveLength(1);
});

test('since when stays what it was', async () => {
  const since = async () => (await database.pool.query('select kms_since from keys where key_id = $1', ['one'])).rows;
  await take([{ key: 'one', to: 'kms' }]);
  const first = await since();
  await take([{ key: 'one', to: 'kms' }]);
  expect(await since()).toEqual(first);
});

test('a policy that is not the newest lets nobody back', async () => {
  await take([{ key: 'one', to: 'kms' }]);
  await database.pool.query(`insert into policies (version, environment, digest) values (6, 'test', 'b')`);
  expect(await take([{ key: 'one', to: 'legacy' }], LENIENT)).toHaveLength(1);
});

test('of several keys none is taken where one may not', async () => {
  await take([{ key: 'two', to: 'kms' }]);
  const steps = [
    { key: 'one', to: 'kms' as const },
    { key: 'two', to: 'legacy' as const },
  ];
  expect(await take(steps)).toEqual([expect.stringContaining('key two')]);
  expect(await onKms()).toEqual(['two']);
});
