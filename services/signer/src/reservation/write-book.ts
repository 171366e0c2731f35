import type { PoolClient } from '@countersign/runtime/postgres';
import type { Ask } from './ask.ts';
import { hex, transactionKey } from './bind.ts';
import { type Book, columnsOf } from './book.ts';

/**
 * Writes what a group of requests changed in its book, in one statement. A row that another replica has put there in the
 * meantime, for another key, fails it: then nothing of the group has happened.
 *
 * @param asks those that were granted: their bytes are kept with the transaction.
 */
export async function writeBook(client: PoolClient, book: Book, asks: readonly Ask[]): Promise<void> {
  const asked = new Map(asks.map((ask) => [transactionKey(ask), ask.proposal]));
  const transactions = book.transactions.changed().map(([key, transaction]) => {
    const [keyId, hash] = columnsOf(key);
    const { lane, purpose, payoutIds, publicKey } = transaction;
    return [keyId, hash, lane, purpose, payoutIds, hex(asked.get(key)?.unsigned ?? new Uint8Array()), publicKey];
  });
  const values = [
    book.requests.changed().map(([key, fingerprint]) => [...columnsOf(key), fingerprint]),
    transactions,
    book.soleLanes.changed().map(([lane, { payoutId, authorizationHash }]) => [lane, payoutId, authorizationHash]),
    book.payouts
      .changed()
      .map(([id, { lane, keyId, destination, asset, amount, memo }]) => [
        id,
        lane,
        keyId,
        destination,
        asset,
        amount,
        memo,
      ]),
    book.nonces.changed().map(([key, { next, lowestOpen }]) => [...columnsOf(key), `${next}`, `${lowestOpen}`]),
    book.charges.changed().map(([key, { amount }]) => [...columnsOf(key), `${amount}`]),
    book.spent.changed().map(([key, { amount, count }]) => [...columnsOf(key), `${amount}`, `${count}`]),
  ].map((rows) => JSON.stringify(rows));
  await client.query({ name: 'write-book', text: WRITE_BOOK, values: [...values, `${book.now}`] });
}

// Each parameter is a list of rows, and each row a list of its columns.
const WRITE_BOOK = `
with clock as materialized (
  select 'epoch'::timestamptz + $8::bigint * interval '1 microsecond' as now
), new_requests as (
  insert into requests (caller, request_id, fingerprint)
  select r->>0, r->>1, decode(r->>2, 'hex') from json_array_elements($1::json) as r
), new_transactions as (
  insert into transactions (key_id, signing_hash, lane_id, purpose, payout_ids, unsigned, public_key)
  select r->>0, decode(r->>1, 'hex'), r->>2, r->>3, array(select json_array_elements_text(r->4)), decode(r->>5, 'hex'), decode(r->>6, 'hex')
  from json_array_elements($2::json) as r
), new_sole_lanes as (
  insert into sole_lanes (lane_id, payout_id, authorization_hash)
  select r->>0, r->>1, decode(r->>2, 'hex') from json_array_elements($3::json) as r
), new_payouts as (
  insert into payouts (payout_id, lane_id, key_id, destination, asset, amount, memo)
  select r->>0, r->>1, r->>2, r->>3, r->>4, (r->>5)::numeric, r->>6 from json_array_elements($4::json) as r
), nonces as (
  insert into evm_accounts (chain, address, next_nonce, lowest_open)
  select r->>0, r->>1, (r->>2)::numeric, (r->>3)::numeric from json_array_elements($5::json) as r
  on conflict (chain, address) do update set next_nonce = excluded.next_nonce, lowest_open = excluded.lowest_open
), charged as (
  insert into charges (key_id, measure, item, amount, charged_at)
  select r->>0, r->>1, r->>2, (r->>3)::numeric, clock.now from clock, json_array_elements($6::json) as r
  on conflict (key_id, measure, item) do update set amount = excluded.amount, charged_at = excluded.charged_at
)
insert into spend_counters (key_id, measure, seconds, amount, count, swept_until)
select r->>0, r->>1, (r->>2)::integer, (r->>3)::numeric, (r->>4)::bigint, clock.now - (r->>2)::integer * interval '1 second'
from clock, json_array_elements($7::json) as r
on conflict (key_id, measure, seconds) do update
set amount = excluded.amount, count = excluded.count, swept_until = excluded.swept_until`;
