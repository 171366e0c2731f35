import { inTransaction } from '@countersign/runtime/postgres';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type AuditDatabase, openAuditDatabase } from '../../testing/audit-database.ts';
import { evmPolicy } from '../../testing/policies.ts';
import type { PolicyInForce } from '../policy/policy-in-force.ts';
import type { Store } from '../store/store.ts';
import { changePath } from './change-path.ts';

let database: AuditDatabase;
beforeAll(async () => {
  database = await openAuditDatabase();
});
beforeEach(async () => {
  await database.pool.query('truncate policies');
  await database.pool.query('delete from keys');
  await database.pool.query(`insert into keys (key_id, kms_since) values ('one', now())`);
  await accept(5);
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const accept = (version: number) =>
  database.pool.query(`insert into policies (version, environment, digest) values ($1, 'test', '')`, [version]);
const policy = {
  version: 5,
  environment: 'test',
  keys: new Map([['one', { ...evmPolicy({}), allowLegacy: true as const }]]),
};
const LENIENT: PolicyInForce = { policy, version: 5n, digest: '', signedBy: [] };

type Change = Store['change'];
const once: Change = async (run) => void (await inTransaction(database.pool, run));

/** Asks for the way back. @returns why not, and whether the seed is open afterwards */
async function back(change: Change) {
  let isOpen = false;
  const registry = {
    keys: new Map(),
    openLegacy: () => {
      isOpen = true;
    },
    closeLegacy: () => {
      isOpen = false;
    },
  };
  const asked = changePath({ change }, registry, LENIENT, { key: 'one', from: 'kms', to: 'legacy' }, new Date());
  const answer = await asked.catch((error: Error) => error.message);
  return { answer, isOpen };
}

test('a seed is open once the way back to it is granted', async () => {
  expect(await back(once)).toEqual({ answer: undefined, isOpen: true });
});

test('not where it is refused', async () => {
  await accept(6);
  expect(await back(once)).toEqual({ answer: expect.stringContaining('needs allow_legacy'), isOpen: false });
});

test('nor where a first try was granted, and the one that counts is refused', async () => {
  const twice: Change = async (run) => {
    await once(run);
    await accept(6);
    await once(run);
  };
  expect(await back(twice)).toEqual({ answer: expect.stringContaining('needs allow_legacy'), isOpen: false });
});

test('nor where the answer of the database is lost', async () => {
  const lost: Change = async (run) => {
    await once(run);
    throw new Error('the answer is lost');
  };
  expect(await back(lost)).toEqual({ answer: 'the answer is lost', isOpen: false });
});
