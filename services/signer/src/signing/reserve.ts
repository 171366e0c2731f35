import { createHash } from 'node:crypto';
import { memoText } from '@countersign/chains/transfer';
import { CountersignError } from '@countersign/contract/errors';
import type { KeyPolicy } from '@countersign/policy/schema';
import type { PoolClient } from '@countersign/runtime/postgres';
import { type Lane, laneFor } from './lane.ts';
import { type DeclaredPayout, type Proposal, signingHash } from './proposal.ts';
import { type Recorded, type RecordedRow, recordedOf } from './recorded.ts';

/**
 * Stage 5. One durable, atomic step, to be run in one database transaction: the request id is bound to its content, the
 * transaction to its payouts, each payout to its terms and lane, the nonce of a Soroban authorization to one content, an EVM
 * nonce to its place in the row. Nothing of it is ever undone; a refusal leaves nothing behind. Unique keys and row locks in
 * Postgres decide between replicas.
 *
 * @returns the recorded signature where exactly this transaction was signed before, else undefined.
 * @throws CountersignError REQUEST_ID_REUSED, PAYOUT_BOUND, LANE_TAKEN, LANE_EXHAUSTED, NONCE_OUT_OF_WINDOW.
 */
export async function reserve(
  client: PoolClient,
  caller: string,
  proposal: Proposal,
  policy: KeyPolicy,
): Promise<Recorded | undefined> {
  const lane = laneFor(proposal);
  const row = await bind(client, caller, proposal, lane);
  if (!row.same_request) {
    throw new CountersignError('REQUEST_ID_REUSED', `request_id: ${proposal.requestId} stands for another request`);
  }
  if (!row.same_declaration) {
    throw bound('TRANSACTION_DECLARED_OTHERWISE', 'payouts: this transaction was reserved for other payouts');
  }
  if (!row.same_key) throw bound('OTHER_KEY', 'key_id: this transaction was reserved for another public key');
  const [first] = proposal.payouts;
  if (lane.sole && first !== undefined && row.sole_payout !== first.payoutId) {
    const message = `lane: ${lane.id} already carries another payout`;
    throw new CountersignError('LANE_TAKEN', message, { reasons: [{ code: 'LANE_TAKEN', message }] });
  }
  if (lane.sole && first !== undefined && !row.same_authorization) {
    throw bound('OTHER_AUTHORIZATION', `payout ${first.payoutId}: another authorization was reserved for it, for good`);
  }
  const boundById = new Map(row.payouts.map((payout) => [payout.payout_id, payout]));
  for (const payout of proposal.payouts) checkBinding(payout, proposal.key.id, lane, boundById.get(payout.payoutId));
  const recorded = recordedOf(row);
  if (recorded === undefined) {
    await advanceNonce(client, proposal, policy);
    await countEnvelopes(client, proposal, lane);
  }
  return recorded;
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

interface BindRow extends RecordedRow {
  readonly same_request: boolean;
  readonly same_declaration: boolean;
  readonly same_key: boolean;
  /** The payout that a lane for one payout only belongs to. */
  readonly sole_payout: string | null;
  /** Whether that lane is bound to the same authorization entry, or to none; null where `sole_payout` is. */
  readonly same_authorization: boolean | null;
  readonly payouts: readonly BoundPayout[];
}

interface BoundPayout {
  readonly payout_id: string;
  readonly lane_id: string;
  readonly key_id: string;
  readonly destination: string;
  readonly asset: string;
  readonly amount: string;
  readonly memo: string | null;
}

async function bind(client: PoolClient, caller: string, proposal: Proposal, lane: Lane): Promise<BindRow> {
  const { requestId, key, purpose, unsigned } = proposal;
  const payouts = proposal.payouts.toSorted((a, b) => (a.payoutId < b.payoutId ? -1 : 1));
  const payoutIds = payouts.map(({ payoutId }) => payoutId);
  const values = [
    ...[caller, requestId, fingerprint(proposal)],
    ...[key.id, signingHash(proposal), lane.id, purpose, payoutIds, unsigned, key.publicKey, lane.sole],
    payouts.map(({ destination }) => destination),
    payouts.map(({ asset }) => asset),
    payouts.map(({ amount }) => amount.toString()),
    payouts.map(memoColumn),
    lane.authorizationHash,
  ];
  const { rows } = await client.query<BindRow>({ name: 'bind', text: BIND, values });
  const [row] = rows;
  if (row === undefined) throw new CountersignError('INTERNAL', 'bind: expected a row');
  return row;
}

function checkBinding(payout: DeclaredPayout, keyId: string, lane: Lane, row: BoundPayout | undefined): void {
  const { payoutId } = payout;
  if (row === undefined) throw new CountersignError('INTERNAL', `payouts: expected a row for ${payoutId}`);
  if (row.lane_id !== lane.id) {
    throw bound('OTHER_LANE', `payout ${payoutId}: bound to lane ${row.lane_id}, got ${lane.id}`);
  }
  const asBound = [row.key_id, row.destination, row.asset, row.amount, row.memo];
  const asDeclared = [keyId, payout.destination, payout.asset, payout.amount.toString(), memoColumn(payout)];
  if (asBound.some((value, i) => value !== asDeclared[i])) {
    throw bound('OTHER_TERMS', `payout ${payoutId}: bound to another key, destination, asset, amount or memo`);
  }
}

/** Of one authorization. The engine needs a few; each that fails on the ledger costs its fee, and the channel pays it. */
const MOST_ENVELOPES = 32;

/** A statement of its own: it sees what other replicas committed while BIND waited for the lane's row. */
async function countEnvelopes(client: PoolClient, { transaction }: Proposal, lane: Lane): Promise<void> {
  if (transaction.kind !== 'stellar-invocation') return;
  const { rows } = await client.query<{ envelopes: bigint }>({
    name: 'count-envelopes',
    text: 'select count(*) as envelopes from transactions where lane_id = $1 and signing_hash <> $2',
    values: [lane.id, lane.authorizationHash],
  });
  if ((rows[0]?.envelopes ?? 0n) <= MOST_ENVELOPES) return;
  const message = `lane: ${lane.id} has ${MOST_ENVELOPES} envelopes, the most there may be`;
  throw new CountersignError('LANE_EXHAUSTED', message, { reasons: [{ code: 'LANE_EXHAUSTED', message }] });
}

async function advanceNonce(client: PoolClient, proposal: Proposal, policy: KeyPolicy): Promise<void> {
  const { transaction, key, lowestOpenNonce } = proposal;
  if (transaction.kind !== 'evm' || policy.kind !== 'evm') return;
  const { nonce } = transaction;
  const values = [transaction.chain, key.address.toLowerCase(), lowestOpenNonce, nonce];
  const { rows } = await client.query<NonceRow>({ name: 'advance-nonce', text: ADVANCE_NONCE, values });
  const [row] = rows;
  if (row === undefined) throw new CountersignError('INTERNAL', 'evm_accounts: expected a row');
  const next = BigInt(row.next_nonce);
  const beyond = BigInt(row.lowest_open) + policy.maxNoncesAhead;
  if (nonce >= next)
    throw outOfWindow('NONCE_GAP', `nonce: expected at most ${next}, the next to be signed, got ${nonce}`);
  if (nonce >= beyond) throw outOfWindow('NONCE_TOO_FAR_AHEAD', `nonce: expected below ${beyond}, got ${nonce}`);
}

// Afterwards next_nonce lies above the nonce, unless that would leave a gap: then it stays. The first report says where an
// account begins; later ones count up to what was signed, since nothing else can be final: the key is used here alone.
const ADVANCE_NONCE = `
insert into evm_accounts as a (chain, address, next_nonce, lowest_open)
values ($1, $2, case when $4::numeric <= $3::numeric then greatest($3::numeric, $4::numeric + 1) else $3::numeric end, $3::numeric)
on conflict (chain, address) do update set
  next_nonce = case
    when $4::numeric <= a.next_nonce then greatest(a.next_nonce, $4::numeric + 1)
    else a.next_nonce
  end,
  lowest_open = greatest(a.lowest_open, least(a.next_nonce, $3::numeric))
returning next_nonce, lowest_open`;

interface NonceRow {
  readonly next_nonce: string;
  readonly lowest_open: string;
}

/** What a request id stands for: everything that it asks for, and nothing about how it came. */
function fingerprint({ key, purpose, payouts, unsigned, transaction }: Proposal): Uint8Array {
  const content = [
    key.id,
    purpose,
    transaction.chain,
    Buffer.from(unsigned).toString('hex'),
    payouts.map((payout) => [
      payout.payoutId,
      payout.destination,
      payout.asset,
      payout.amount.toString(),
      memoColumn(payout),
    ]),
  ];
  return createHash('sha256').update(JSON.stringify(content)).digest();
}

function memoColumn({ memo }: DeclaredPayout): string | null {
  return memo === undefined ? null : memoText(memo);
}

function bound(code: string, message: string): CountersignError {
  return new CountersignError('PAYOUT_BOUND', message, { reasons: [{ code, message }] });
}

function outOfWindow(code: string, message: string): CountersignError {
  return new CountersignError('NONCE_OUT_OF_WINDOW', message, { reasons: [{ code, message }] });
}
