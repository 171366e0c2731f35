import { anEvent } from '@countersign/audit/testing/an-event';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { payout, STELLAR_KEY, stellarAsk, XLM } from '../../testing/asks.ts';
import { openStores, reserveIn, type Stores } from '../../testing/stores.ts';
import { openAuditChain } from '../audit/chain-lease.ts';
import { recordingOf } from '../signing/record.ts';
import { openPool } from './open-pool.ts';
import { createStore } from './store.ts';

const EARLIER = 5_000;
const REQUESTS = 20;
const windows = [{ seconds: 3_600, maxAmount: 10n ** 18n }];

let stores: Stores;

beforeAll(async () => {
  stores = await openStores();
});
afterAll(async () => {
  await stores[Symbol.asyncDispose]();
});

test('a reservation looks at as many rows, whatever was reserved before it, also with plans made while nothing was', async () => {
  const { pool, url } = stores.database;
  const own = openPool({ url, applicationName: 'counted' });
  const lease = await openAuditChain(own, 'counted');
  const store = createStore(own, lease, () => undefined);
  const signed = async (id: string, sequence: bigint) => {
    const ask = stellarAsk([payout(id)], { sequence, windows, feeWindows: windows });
    expect(await reserveIn(store, ask)).toBe('reserved');
    const bytes = new Uint8Array([1]);
    const recorded = {
      signature: bytes,
      signedTransaction: bytes,
      transactionHash: bytes,
      custodyPath: 'kms' as const,
    };
    await store.record(recordingOf(ask.proposal, recorded), () => anEvent());
  };
  await signed('first', 1n);

  for (const measure of [XLM, 'fee']) {
    await pool.query(
      `insert into charges (key_id, measure, item, amount, charged_at)
       select $1, $2, 'earlier ' || i, 1, now() - i * interval '1 ms' from generate_series(1, $3) as i`,
      [STELLAR_KEY, measure, EARLIER],
    );
  }
  await pool.query(
    `insert into payouts (payout_id, lane_id, key_id, destination, asset, amount)
     select 'earlier ' || i, 'lane', $1, '', '', 1 from generate_series(1, $2) as i`,
    [STELLAR_KEY, EARLIER],
  );
  await pool.query(
    `insert into transactions (key_id, signing_hash, lane_id, purpose, payout_ids, unsigned, public_key)
     select $1, decode(md5(i::text) || md5(i::text), 'hex'), 'lane ' || i, 'payout', '{}', '', '' from generate_series(1, $2) as i`,
    [STELLAR_KEY, EARLIER],
  );
  for (let i = 1; i <= REQUESTS; i++) await signed(`later ${i}`, BigInt(i) + 1n);

  // A session tells what it has read when it ends.
  await lease.release();
  await pool.query(`select pg_terminate_backend(pid, 10000) from pg_stat_activity where application_name = 'counted'`);
  await own.end();
  const { rows } = await pool.query<{ read: number }>(
    `select (sum(seq_tup_read) + sum(coalesce(idx_tup_fetch, 0)))::float8 as read from pg_stat_user_tables
     where relname in ('charges', 'payouts', 'transactions', 'requests', 'spend_counters')`,
  );
  expect(rows[0]?.read).toBeGreaterThan(REQUESTS);
  expect(rows[0]?.read).toBeLessThan(EARLIER);
});
