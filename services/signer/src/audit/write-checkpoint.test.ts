import { generateKeyPairSync } from 'node:crypto';
import { GENESIS_HASH } from '@countersign/audit/chain';
import { checkpointHash, checkpointStatement, isSignedBy, keyFingerprint } from '@countersign/audit/checkpoint';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type AuditDatabase, append, openAuditDatabase } from '../../testing/audit-database.ts';
import { type ChainLease, openAuditChain } from './chain-lease.ts';
import { readStatement } from './exported-line.ts';
import { writeCheckpoint } from './write-checkpoint.ts';

let database: AuditDatabase;
let leases: ChainLease[];

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const fingerprint = keyFingerprint(publicKey);
const key = { privateKey, fingerprint, known: new Map([[fingerprint, publicKey]]) };
const SELDOM = { everyEvents: 10n, everyMs: 3_600_000 };

beforeAll(async () => {
  database = await openAuditDatabase();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await database.clear();
  // Not in the order in which they are to be listed.
  leases = [await openAuditChain(database.pool, 'b'), await openAuditChain(database.pool, 'a')];
});
afterEach(async () => {
  for (const lease of leases) await lease.release();
});

async function written() {
  const { rows } = await database.pool.query<{ statement: string; hash: string; signature: string }>(
    'select statement, hash, signature from audit_checkpoints order by number',
  );
  return rows.map((row) => ({ ...row, checkpoint: readStatement(row.statement) }));
}

async function appendTo(index: number, count: number): Promise<void> {
  const lease = leases[index];
  if (lease === undefined) throw new Error('no such lease');
  await append(database.pool, lease, count);
}

test('states where every chain is, behind the checkpoint before, and is signed', async () => {
  await appendTo(0, 2);
  await writeCheckpoint(database.pool, key, SELDOM);
  await appendTo(1, 1);
  await writeCheckpoint(database.pool, key, 'now');

  const [first, second] = await written();
  expect(first?.checkpoint).toMatchObject({ number: 1n, previousHash: GENESIS_HASH, key: fingerprint });
  expect(second?.checkpoint).toMatchObject({ number: 2n, previousHash: first?.hash, key: fingerprint });
  expect(first?.checkpoint.heads).toMatchObject([{ chain: 'b', sequence: 2n }]);
  const { rows } = await database.pool.query('select chain_id as chain, sequence, hash from audit_chains order by 1');
  expect(second?.checkpoint.heads).toEqual(rows);
  for (const { checkpoint, statement, hash, signature } of await written()) {
    expect(checkpointStatement(checkpoint)).toBe(statement);
    expect(checkpointHash(statement)).toBe(hash);
    expect(isSignedBy(publicKey, statement, signature)).toBe(true);
  }
});

test('is due with something new, after so many events or so long', async () => {
  expect(await writeCheckpoint(database.pool, key, 'now')).toBeUndefined();
  await appendTo(0, 1);
  expect(await writeCheckpoint(database.pool, key, SELDOM)).toMatchObject({ number: 1n });
  await appendTo(0, 9);
  expect(await writeCheckpoint(database.pool, key, SELDOM)).toMatchObject({ number: 1n });
  await appendTo(1, 1);
  expect(await writeCheckpoint(database.pool, key, SELDOM)).toMatchObject({ number: 2n });
  await appendTo(1, 1);
  expect(await writeCheckpoint(database.pool, key, { ...SELDOM, everyMs: 0 })).toMatchObject({ number: 3n });
  expect(await writeCheckpoint(database.pool, key, 'now')).toMatchObject({ number: 3n });
  expect(await written()).toHaveLength(3);
});

test('replicas that write at once write one', async () => {
  await appendTo(0, 1);
  const answers = await Promise.all(Array.from({ length: 6 }, () => writeCheckpoint(database.pool, key, SELDOM)));
  expect(await written()).toHaveLength(1);
  for (const answer of answers) expect([undefined, 1n]).toContain(answer?.number);
});
