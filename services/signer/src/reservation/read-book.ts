import { CountersignError } from '@countersign/contract/errors';
import type { PoolClient } from '@countersign/runtime/postgres';
import { recordedOf } from '../signing/recorded.ts';
import type { Ask } from './ask.ts';
import { hex } from './bind.ts';
import { type Book, rowKey, Table } from './book.ts';
import { itemsOf } from './charge.ts';

/**
 * Reads what a group of requests is about, and locks their keys until the end of the database transaction: what is read here
 * stays as it is until then, whatever other replicas do. Both statements go out at once.
 */
export async function readBook(client: PoolClient, asks: readonly Ask[]): Promise<Book> {
  const keys = [...new Set(asks.map(({ proposal }) => proposal.key.id))];
  const locked = client.query<{ key_id: string; frozen_reason: string | null }>({
    name: 'lock-keys',
    text: LOCK_KEYS,
    values: [keys],
  });
  const read = client.query<BookRow>({ name: 'read-book', text: READ_BOOK, values: [keys, ...questions(asks)] });
  const [frozen, { rows }] = await Promise.all([locked, read]);
  const [row] = rows;
  if (row === undefined || frozen.rowCount !== keys.length) {
    throw new CountersignError('INTERNAL', 'keys: expected a row for each key');
  }
  return {
    now: row.now,
    policyVersion: row.policy_version,
    frozen: new Map(frozen.rows.flatMap(({ key_id, frozen_reason: why }) => (why === null ? [] : [[key_id, why]]))),
    requests: new Table(row.requests.map((r) => [rowKey(r.caller, r.request_id), r.fingerprint])),
    transactions: new Table(
      row.transactions.map((t) => [
        rowKey(t.key_id, t.signing_hash),
        {
          lane: t.lane_id,
          purpose: t.purpose,
          payoutIds: t.payout_ids,
          publicKey: t.public_key,
          recorded: recordedOf({
            signature: bytes(t.signature),
            signed_transaction: bytes(t.signed_transaction),
            transaction_hash: bytes(t.transaction_hash),
            custody_path: t.custody_path,
          }),
        },
      ]),
    ),
    soleLanes: new Table(
      row.sole_lanes.map((l) => [l.lane_id, { payoutId: l.payout_id, authorizationHash: l.authorization_hash }]),
    ),
    payouts: new Table(
      row.payouts.map(({ payout_id, lane_id, key_id, destination, asset, amount, memo }) => [
        payout_id,
        { lane: lane_id, keyId: key_id, destination, asset, amount, memo },
      ]),
    ),
    nonces: new Table(
      row.nonces.map((n) => [
        rowKey(n.chain, n.address),
        { next: BigInt(n.next_nonce), lowestOpen: BigInt(n.lowest_open) },
      ]),
    ),
    envelopes: new Table(row.envelopes.map(({ lane_id, count }) => [lane_id, BigInt(count)])),
    charges: new Table(
      row.charges.map((c) => [
        rowKey(c.key_id, c.measure, c.item),
        { amount: BigInt(c.amount), at: BigInt(c.charged_at) },
      ]),
    ),
    spent: new Table(
      row.spent.map((s) => [
        rowKey(s.key_id, s.measure, s.seconds),
        { amount: BigInt(s.amount), count: BigInt(s.count) },
      ]),
    ),
  };
}

const LOCK_KEYS = 'select key_id, frozen_reason from keys where key_id = any($1) order by key_id for update';

// The clock never goes back behind what a window was swept by. A window that has no row yet is summed up from its charges.
const READ_BOOK = `
with clock as materialized (
  select greatest(
    statement_timestamp(),
    (select max(swept_until + seconds * interval '1 second') from spend_counters where key_id = any($1))
  ) as now
)
select
  (extract(epoch from clock.now) * 1000000)::bigint as now,
  (select coalesce(max(version), 0) from policies) as policy_version,
  (select coalesce(json_agg(json_build_object(
      'caller', caller, 'request_id', request_id, 'fingerprint', encode(fingerprint, 'hex'))), '[]')
    from unnest($2::text[], $3::text[]) as u (caller, request_id) join requests using (caller, request_id)) as requests,
  (select coalesce(json_agg(json_build_object(
      'key_id', key_id, 'signing_hash', encode(signing_hash, 'hex'), 'lane_id', lane_id, 'purpose', purpose,
      'payout_ids', payout_ids, 'public_key', encode(public_key, 'hex'), 'signature', encode(signature, 'hex'),
      'signed_transaction', encode(signed_transaction, 'hex'), 'transaction_hash', encode(transaction_hash, 'hex'),
      'custody_path', custody_path)), '[]')
    from unnest($4::text[], $5::bytea[]) as u (key_id, signing_hash) join transactions using (key_id, signing_hash)) as transactions,
  (select coalesce(json_agg(json_build_object(
      'lane_id', lane_id, 'payout_id', payout_id, 'authorization_hash', encode(authorization_hash, 'hex'))), '[]')
    from sole_lanes where lane_id = any($6)) as sole_lanes,
  (select coalesce(json_agg(json_build_object(
      'payout_id', payout_id, 'lane_id', lane_id, 'key_id', key_id, 'destination', destination, 'asset', asset,
      'amount', amount::text, 'memo', memo)), '[]')
    from payouts where payout_id = any($7)) as payouts,
  (select coalesce(json_agg(json_build_object(
      'chain', chain, 'address', address, 'next_nonce', next_nonce::text, 'lowest_open', lowest_open::text)), '[]')
    from unnest($8::text[], $9::text[]) as u (chain, address) join evm_accounts using (chain, address)) as nonces,
  (select coalesce(json_agg(json_build_object('lane_id', lane_id, 'count', count)), '[]')
    from (
      select t.lane_id, count(*)::text as count
      from transactions t join sole_lanes l on l.lane_id = t.lane_id
      where t.lane_id = any($10) and t.signing_hash <> l.authorization_hash group by t.lane_id
    ) as around) as envelopes,
  (select coalesce(json_agg(json_build_object(
      'key_id', key_id, 'measure', measure, 'item', item, 'amount', amount::text,
      'charged_at', (extract(epoch from charged_at) * 1000000)::bigint::text)), '[]')
    from unnest($11::text[], $12::text[], $13::text[]) as u (key_id, measure, item) join charges using (key_id, measure, item)) as charges,
  (select coalesce(json_agg(json_build_object(
      'key_id', w.key_id, 'measure', w.measure, 'seconds', w.seconds,
      'amount', case when c.amount is null then inside.amount else c.amount - inside.amount end::text,
      'count', case when c.count is null then inside.count else c.count - inside.count end::text)), '[]')
    from unnest($14::text[], $15::text[], $16::integer[]) as w (key_id, measure, seconds)
    left join spend_counters c using (key_id, measure, seconds)
    cross join lateral (
      select coalesce(sum(amount), 0) as amount, count(*) as count from charges
      where array[key_id, measure] = array[w.key_id, w.measure]
        and charged_at > coalesce(c.swept_until, clock.now - w.seconds * interval '1 second')
        and charged_at <= case when c.key_id is null then 'infinity' else clock.now - w.seconds * interval '1 second' end
    ) as inside) as spent
from clock`;

/** The parameters of READ_BOOK from the second on: each row once. */
function questions(asks: readonly Ask[]): unknown[] {
  const evm = asks.flatMap(({ proposal }) => (proposal.kind === 'evm' ? [proposal] : []));
  const charged = asks.flatMap((ask) => itemsOf(ask).map((item) => ({ keyId: ask.proposal.key.id, ...item })));
  const windows = charged.flatMap(({ keyId, measure, windows }) =>
    windows.map(({ seconds }) => [keyId, measure, seconds] as const),
  );
  return [
    ...distinct(
      asks.map(({ caller, proposal }) => [caller, proposal.requestId] as const),
      2,
    ),
    ...distinct(
      asks.map(({ proposal, signingHash }) => [proposal.key.id, `\\x${hex(signingHash)}`] as const),
      2,
    ),
    ...distinct(
      asks.flatMap(({ lane }) => (lane.onePayout ? [[lane.id] as const] : [])),
      1,
    ),
    ...distinct(
      asks.flatMap(({ proposal }) => proposal.payouts.map(({ payoutId }) => [payoutId] as const)),
      1,
    ),
    ...distinct(
      evm.map(({ transaction, key }) => [transaction.chain, key.address.toLowerCase()] as const),
      2,
    ),
    ...distinct(
      asks.flatMap(({ lane }) => (lane.authorizationHash === null ? [] : [[lane.id] as const])),
      1,
    ),
    ...distinct(
      charged.map(({ keyId, measure, item }) => [keyId, measure, item] as const),
      3,
    ),
    ...distinct(windows, 3),
  ];
}

/** Each row once, as columns. */
function distinct(rows: readonly (readonly (string | number)[])[], width: number): (string | number | undefined)[][] {
  const once = [...new Map(rows.map((row) => [rowKey(...row), row])).values()];
  return Array.from({ length: width }, (_, i) => once.map((row) => row[i]));
}

function bytes(text: string | null): Uint8Array | null {
  return text === null ? null : Buffer.from(text, 'hex');
}

type Texts<Name extends string> = Readonly<Record<Name, string>>;

interface BookRow {
  readonly now: bigint;
  readonly policy_version: bigint;
  readonly requests: readonly Texts<'caller' | 'request_id' | 'fingerprint'>[];
  readonly transactions: readonly (Texts<'key_id' | 'signing_hash' | 'lane_id' | 'purpose' | 'public_key'> & {
    readonly payout_ids: readonly string[];
    readonly signature: string | null;
    readonly signed_transaction: string | null;
    readonly transaction_hash: string | null;
    readonly custody_path: 'legacy' | 'kms' | null;
  })[];
  readonly sole_lanes: readonly (Texts<'lane_id' | 'payout_id'> & { readonly authorization_hash: string | null })[];
  readonly payouts: readonly (Texts<'payout_id' | 'lane_id' | 'key_id' | 'destination' | 'asset' | 'amount'> & {
    readonly memo: string | null;
  })[];
  readonly nonces: readonly Texts<'chain' | 'address' | 'next_nonce' | 'lowest_open'>[];
  readonly envelopes: readonly Texts<'lane_id' | 'count'>[];
  readonly charges: readonly Texts<'key_id' | 'measure' | 'item' | 'amount' | 'charged_at'>[];
  readonly spent: readonly (Texts<'key_id' | 'measure' | 'amount' | 'count'> & { readonly seconds: number })[];
}
