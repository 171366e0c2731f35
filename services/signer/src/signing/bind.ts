import { CountersignError } from '@countersign/contract/errors';
import type { PoolClient } from '@countersign/runtime/postgres';
import { fingerprint } from './fingerprint.ts';
import type { Lane } from './lane.ts';
import { memoColumn } from './memo-column.ts';
import { type Proposal, signingHash } from './proposal.ts';
import type { RecordedRow } from './recorded.ts';

/** What stands in the database now: what this request wrote, or what an earlier one did. */
interface BindRow extends RecordedRow {
  readonly same_request: boolean;
  readonly same_declaration: boolean;
  readonly same_key: boolean;
  /** Whose lane it is; null where the lane is not for one payout, and for a cancel. */
  readonly sole_payout: string | null;
  /** Whether the authorization entry of that lane, or that it has none, is as proposed; null where `sole_payout` is. */
  readonly same_authorization: boolean | null;
  readonly payouts: readonly BoundPayout[];
}

/** A row of `payouts`. */
export interface BoundPayout {
  readonly payout_id: string;
  readonly lane_id: string;
  readonly key_id: string;
  readonly destination: string;
  readonly asset: string;
  readonly amount: string;
  readonly memo: string | null;
}

/** Binds the request id, the transaction, its lane and its payouts, each where nothing has bound it yet. */
export async function bind(client: PoolClient, caller: string, proposal: Proposal, lane: Lane): Promise<BindRow> {
  const { requestId, key, purpose, unsigned } = proposal;
  const payouts = proposal.payouts.toSorted((a, b) => (a.payoutId < b.payoutId ? -1 : 1));
  const values = [
    caller, // $1
    requestId, // $2
    fingerprint(proposal), // $3
    key.id, // $4
    signingHash(proposal), // $5
    lane.id, // $6
    purpose, // $7
    payouts.map(({ payoutId }) => payoutId), // $8
    unsigned, // $9
    key.publicKey, // $10
    lane.onePayout, // $11
    payouts.map(({ destination }) => destination), // $12
    payouts.map(({ asset }) => asset), // $13
    payouts.map(({ amount }) => amount.toString()), // $14
    payouts.map(memoColumn), // $15
    lane.authorizationHash, // $16
  ];
  const { rows } = await client.query<BindRow>({ name: 'bind', text: BIND, values });
  const [row] = rows;
  if (row === undefined) throw new CountersignError('INTERNAL', 'bind: expected a row');
  return row;
}

// What is there already stays as it is: the update that changes nothing locks the row and shows it as it is now, also
// where another replica has just committed it.
const BIND = `
with request as (
  insert into requests as r (caller, request_id, fingerprint) values ($1, $2, $3)
  on conflict (caller, request_id) do update set fingerprint = r.fingerprint
  returning fingerprint = $3 as same
), declared as (
  insert into transactions as t (key_id, signing_hash, lane_id, purpose, payout_ids, unsigned, public_key)
  values ($4, $5, $6, $7, $8, $9, $10)
  on conflict (key_id, signing_hash) do update set key_id = t.key_id
  returning purpose = $7 and payout_ids = $8 as same, public_key = $10 as same_key,
    signature, signed_transaction, transaction_hash, custody_path
), sole as (
  insert into sole_lanes as s (lane_id, payout_id, authorization_hash) select $6, id, $16 from unnest($8::text[]) as id where $11
  on conflict (lane_id) do update set lane_id = s.lane_id
  returning payout_id, authorization_hash is not distinct from $16 as same_authorization
), bound as (
  insert into payouts as p (payout_id, lane_id, key_id, destination, asset, amount, memo)
  select id, $6, $4, destination, asset, amount, memo
  from unnest($8::text[], $12::text[], $13::text[], $14::numeric[], $15::text[]) as u (id, destination, asset, amount, memo)
  order by id
  on conflict (payout_id) do update set payout_id = p.payout_id
  returning payout_id, lane_id, key_id, destination, asset, amount::text as amount, memo
)
select request.same as same_request, declared.same as same_declaration, declared.same_key,
  signature, signed_transaction, transaction_hash, custody_path,
  (select payout_id from sole) as sole_payout,
  (select same_authorization from sole) as same_authorization,
  (select coalesce(json_agg(bound), '[]') from bound) as payouts
from request, declared`;
