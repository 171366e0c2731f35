import { setTimeout } from 'node:timers/promises';
import { anEvent } from '@countersign/audit/testing/an-event';
import { type ChainId, nativeAsset } from '@countersign/chains/caip';
import type { EvmKeyPolicy } from '@countersign/policy/schema';
import type { PoolClient } from '@countersign/runtime/postgres';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type AuditDatabase, openAuditDatabase } from '../../testing/audit-database.ts';
import { type ChainLease, openAuditChain } from '../audit/chain-lease.ts';
import { type Ask, askFor } from '../reservation/ask.ts';
import { recordingOf } from '../signing/record.ts';
import { createStore, type Store } from './store.ts';

const CHAIN = 'eip155:31337' as ChainId;
const ETH = nativeAsset(CHAIN);
const PAID = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
const POLICY: EvmKeyPolicy = {
  kind: 'evm',
  callers: new Map(),
  chain: CHAIN,
  destinations: { kind: 'any', memo: 'none' },
  neverPaid: new Map(),
  assets: new Map([[ETH, { decimals: 18, maxPerPayout: 1_000n, windows: [] }]]),
  feeWindows: [],
  maxGasLimit: 21_000n,
  maxFeePerGas: 100n,
  maxPriorityFeePerGas: 10n,
  maxNoncesAhead: 1_000n,
};

let database: AuditDatabase;
let lease: ChainLease;
let store: Store;

beforeAll(async () => {
  database = await openAuditDatabase();
  const { pool } = database;
  await pool.query(`insert into keys (key_id) values ('k')`);
  await pool.query(`insert into policies (version, environment, digest) values (1, 'test', '')`);
  lease = await openAuditChain(pool, 'one');
  store = createStore(pool, lease, () => undefined);
});
afterAll(async () => {
  await lease.release();
  await database[Symbol.asyncDispose]();
});

/** A payout on a nonce. */
function anAsk(payoutId: string, nonce: bigint, keyId = 'k'): Ask {
  const known = { algorithm: 'secp256k1' as const, publicKey: new Uint8Array(33) };
  const signingHash = new Uint8Array(32);
  new DataView(signingHash.buffer).setBigUint64(0, nonce);
  signingHash.set(Buffer.from(payoutId), 8);
  const transfer = { asset: ETH, destination: PAID, amount: 1n };
  const proposal = {
    kind: 'evm' as const,
    requestId: `at_${payoutId}`,
    key: { ...known, id: keyId, custodies: {}, address: keyId === 'k' ? '0x00' : '0x01' },
    purpose: 'payout' as const,
    payouts: [{ payoutId, ...transfer, approvals: [] }],
    unsigned: new Uint8Array(),
    transaction: {
      kind: 'evm' as const,
      chain: CHAIN,
      chainId: 31337n,
      nonce,
      to: PAID,
      value: 1n,
      transfer,
      gasLimit: 21_000n,
      maxFeePerGas: 100n,
      maxPriorityFeePerGas: 10n,
      signingHash,
    },
    lowestOpenNonce: 0n,
  };
  return askFor('spiffe://countersign.dev/api', proposal, POLICY, 1n);
}

const bound = async (payoutId: string) =>
  (await database.pool.query('select from payouts where payout_id = $1', [payoutId])).rowCount === 1;

test('a reservation whose event cannot be written has not happened', async () => {
  const event = anEvent({ additionalEventData: { took: Number.NaN } });
  await expect(
    store.reserve(
      anAsk('po_nan', 0n),
      () => event,
      () => undefined,
    ),
  ).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
  });
  expect(await bound('po_nan')).toBe(false);
});

test('an event that cannot be made or written takes nobody else along', async () => {
  const bad = () => {
    throw new TypeError('no event');
  };
  const nothing = () => undefined;
  const settled = await Promise.allSettled([
    store.leave(anEvent()), // Goes alone, so that those behind it share a commit.
    store.reserve(anAsk('po_1', 0n), () => anEvent(), nothing),
    store.reserve(anAsk('po_bad', 1n), bad, nothing),
    store.leave(anEvent({ additionalEventData: { took: Number.NaN } })),
    store.reserve(anAsk('po_2', 1n), () => anEvent(), nothing),
  ]);
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected', 'fulfilled']);
  expect(await Promise.all(['po_1', 'po_bad', 'po_2'].map(bound))).toEqual([true, false, true]);
});

test('what was read while a commit before it failed is read again, and committed', async () => {
  const unwritable = anEvent({ requestParameters: { text: 'no \u0000 in jsonb' } });
  const settled = await Promise.allSettled([
    store.leave(unwritable), // Goes alone: what waits follows it before it is answered.
    store.leave(anEvent()),
    store.reserve(
      anAsk('po_after', 2n),
      () => anEvent(),
      () => undefined,
    ),
  ]);
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  expect(await bound('po_after')).toBe(true);
});

test('a change that follows a commit that fails is made once, in one transaction with its event', async () => {
  const unwritable = anEvent({ requestParameters: { text: 'no \u0000 in jsonb' } });
  const transactions: string[] = [];
  const change = async (client: PoolClient) => {
    for (let i = 0; i < 2; i++) {
      const { rows } = await client.query<{ id: string }>('select pg_current_xact_id()::text as id');
      transactions.push(rows[0]?.id ?? '');
    }
    return [anEvent({ requestID: 'at_change' })];
  };
  const settled = await Promise.allSettled([store.leave(unwritable), store.change(change)]);
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  expect(transactions).toEqual([transactions[0], transactions[0]]);
  const { rows } = await database.pool.query(
    `select xmin::text as id from audit_events where request_id = 'at_change'`,
  );
  expect(rows).toEqual([{ id: transactions[0] }]);
});

test('a key whose row somebody holds does not hold up the others for long', async () => {
  const { pool } = database;
  await pool.query(`insert into keys (key_id) values ('free')`);
  const holder = await pool.connect();
  await holder.query('begin');
  await holder.query(`select from keys where key_id = 'k' for update`);
  const reserve = (ask: Ask) =>
    store.reserve(
      ask,
      () => anEvent(),
      () => undefined,
    );
  const start = performance.now();
  const settled = await Promise.allSettled([
    store.leave(anEvent()), // Goes alone, so that those behind it share a commit.
    ...[3n, 4n, 5n, 6n, 7n].map((nonce) => reserve(anAsk(`po_held_${nonce}`, nonce))),
    reserve(anAsk('po_free', 0n, 'free')),
    store.leave(anEvent()),
  ]);
  expect(settled.map(({ status }) => status)).toEqual([
    'fulfilled',
    ...Array.from({ length: 5 }, () => 'rejected'),
    'fulfilled',
    'fulfilled',
  ]);
  // The five share what is waited for: a second with the others, and one of their own.
  expect(performance.now() - start).toBeLessThan(4_500);

  // From then on nobody waits for it, for a while.
  const refusedAt = performance.now();
  await expect(reserve(anAsk('po_held_3', 3n))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await reserve(anAsk('po_free_too', 1n, 'free'));
  expect(performance.now() - refusedAt).toBeLessThan(900);

  await holder.query('rollback');
  holder.release();
  const again = async (): Promise<void> => {
    try {
      await reserve(anAsk('po_held_3', 3n));
    } catch {
      await setTimeout(100);
      await again();
    }
  };
  await again();
}, 20_000);

test('of two signatures of one transaction that are recorded together the first one counts', async () => {
  const ask = anAsk('po_twice', 4n);
  await store.reserve(
    ask,
    () => anEvent(),
    () => undefined,
  );
  const signed = (byte: number) => ({
    signature: new Uint8Array(65).fill(byte),
    signedTransaction: new Uint8Array([byte]),
    transactionHash: new Uint8Array(32).fill(byte),
    custodyPath: 'kms' as const,
  });
  const record = (byte: number) => store.record(recordingOf(ask.proposal, signed(byte)), () => anEvent());
  const [, one, two] = await Promise.all([
    store.leave(anEvent()), // Goes alone, so that those behind it share a commit.
    record(1),
    record(2),
  ]);
  expect([one, two].map(({ signature }) => signature[0])).toEqual([1, 1]);
});

test('a database that has lost what it had confirmed is noticed before anything more is reserved on it', async () => {
  const { pool } = database;
  const problems: string[] = [];
  const restored = await openAuditChain(pool, 'restored', { onLost: (problem) => problems.push(problem) });
  const running = createStore(pool, restored, () => undefined);
  const reserve = (ask: Ask) =>
    running.reserve(
      ask,
      () => anEvent(),
      () => undefined,
    );
  const headOf = 'select sequence, hash from audit_chains where chain_id = $1';
  await running.leave(anEvent());
  const { rows } = await pool.query<{ sequence: bigint; hash: string }>(headOf, ['restored']);
  await reserve(anAsk('po_lost', 5n));

  // As after a failover to a standby that was behind.
  await pool.query(`delete from payouts where payout_id = 'po_lost'`);
  await pool.query(`delete from audit_events where chain_id = 'restored' and sequence > $1`, [rows[0]?.sequence]);
  const back = `update audit_chains set sequence = $1, hash = $2 where chain_id = 'restored'`;
  await pool.query(back, [rows[0]?.sequence, rows[0]?.hash]);

  await expect(reserve(anAsk('po_lost', 6n))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect(await bound('po_lost')).toBe(false);
  expect(problems).toEqual([expect.stringMatching(/^the database has lost events of the audit chain restored/)]);
  await expect(running.leave(anEvent())).rejects.toThrow(/has lost events/);
});
