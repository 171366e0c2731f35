import { createHash } from 'node:crypto';
import { CountersignError } from '@countersign/contract/errors';
import type { KeyPolicy } from '@countersign/policy/schema';
import type { PoolClient } from '@countersign/runtime/postgres';
import { type Lane, laneFor } from './lane.ts';
import { memoText } from './match.ts';
import { type DeclaredPayout, type Proposal, signingHash } from './proposal.ts';
import { type Recorded, recordedOf } from './recorded.ts';

/**
 * Stage 5. One durable, atomic step, to be run in one database transaction: the request id is bound to its content, the
 * transaction to its payouts, each payout to its terms and lane, an EVM nonce to its place in the row. Nothing of it is
 * ever undone; a refusal leaves nothing behind. Unique keys and row locks in Postgres decide between replicas.
 *
 * @returns the recorded signature where exactly this transaction was signed before, else undefined.
 * @throws CountersignError REQUEST_ID_REUSED, PAYOUT_BOUND, LANE_TAKEN, NONCE_OUT_OF_WINDOW.
 */
export async function reserve(
  client: PoolClient,
  caller: string,
  proposal: Proposal,
  policy: KeyPolicy,
): Promise<Recorded | undefined> {
  const lane = laneFor(proposal);
  await bindRequest(client, caller, proposal);
  const recorded = await bindTransaction(client, proposal, lane);
  await bindPayouts(client, proposal, lane);
  if (recorded === undefined) await advanceNonce(client, proposal, policy);
  return recorded;
}

async function bindRequest(client: PoolClient, caller: string, proposal: Proposal): Promise<void> {
  const { rows } = await client.query<{ same: boolean }>(
    `with inserted as (
       insert into requests (caller, request_id, fingerprint) values ($1, $2, $3)
       on conflict (caller, request_id) do update set fingerprint = requests.fingerprint
       returning fingerprint)
     select fingerprint = $3 as same from inserted`,
    [caller, proposal.requestId, fingerprint(proposal)],
  );
  if (rows[0]?.same !== true) {
    throw new CountersignError('REQUEST_ID_REUSED', `request_id: ${proposal.requestId} stands for another request`);
  }
}

async function bindTransaction(client: PoolClient, proposal: Proposal, lane: Lane): Promise<Recorded | undefined> {
  const payoutIds = proposal.payouts.map(({ payoutId }) => payoutId).sort();
  const { rows } = await client.query(
    `insert into transactions (key_id, signing_hash, lane_id, purpose, payout_ids, unsigned) values ($1, $2, $3, $4, $5, $6)
     on conflict (key_id, signing_hash) do update set key_id = transactions.key_id
     returning purpose = $4 and payout_ids = $5 as same, signature, signed_transaction, transaction_hash, custody_path`,
    [proposal.key.id, signingHash(proposal), lane.id, proposal.purpose, payoutIds, proposal.unsigned],
  );
  const [row] = rows;
  if (row?.same !== true) {
    throw bound('TRANSACTION_DECLARED_OTHERWISE', 'payouts: this transaction was reserved for other payouts');
  }
  return recordedOf(row);
}

/** Payouts are inserted in the order of their ids, so that two replicas never wait for each other in a circle. */
async function bindPayouts(client: PoolClient, { payouts, key }: Proposal, lane: Lane): Promise<void> {
  if (payouts.length === 0) return;
  const sorted = payouts.toSorted((a, b) => (a.payoutId < b.payoutId ? -1 : 1));
  const columns = [
    sorted.map(({ payoutId }) => payoutId),
    sorted.map(({ destination }) => destination),
    sorted.map(({ asset }) => asset),
    sorted.map(({ amount }) => amount.toString()),
    sorted.map(memoOf),
  ];
  await client.query(
    `insert into payouts (payout_id, lane_id, key_id, sole, destination, asset, amount, memo)
     select id, $1, $2, $3, destination, asset, amount, memo
     from unnest($4::text[], $5::text[], $6::text[], $7::numeric[], $8::text[]) as t (id, destination, asset, amount, memo)
     order by id
     on conflict do nothing`,
    [lane.id, key.id, lane.sole, ...columns],
  );
  const { rows } = await client.query<BoundPayout>(
    'select payout_id, lane_id, key_id, destination, asset, amount, memo from payouts where payout_id = any($1)',
    [columns[0]],
  );
  const boundById = new Map(rows.map((row) => [row.payout_id, row]));
  for (const payout of sorted) checkBinding(payout, key.id, lane, boundById.get(payout.payoutId));
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

function checkBinding(payout: DeclaredPayout, keyId: string, lane: Lane, row: BoundPayout | undefined): void {
  const { payoutId } = payout;
  if (row === undefined) {
    const message = `lane: ${lane.id} already carries another payout than ${payoutId}`;
    throw new CountersignError('LANE_TAKEN', message, { reasons: [{ code: 'LANE_TAKEN', message }] });
  }
  if (row.lane_id !== lane.id) {
    throw bound('OTHER_LANE', `payout ${payoutId}: bound to lane ${row.lane_id}, got ${lane.id}`);
  }
  const asBound = [row.key_id, row.destination, row.asset, row.amount, row.memo];
  const asDeclared = [keyId, payout.destination, payout.asset, payout.amount.toString(), memoOf(payout)];
  if (asBound.some((value, i) => value !== asDeclared[i])) {
    throw bound('OTHER_TERMS', `payout ${payoutId}: bound to another key, destination, asset, amount or memo`);
  }
}

async function advanceNonce(client: PoolClient, proposal: Proposal, policy: KeyPolicy): Promise<void> {
  const { transaction, key, lowestOpenNonce } = proposal;
  if (transaction.kind !== 'evm' || policy.kind !== 'evm') return;
  const { rows } = await client.query<{ next_nonce: string; lowest_open: string }>(
    `insert into evm_accounts as a (chain, address, next_nonce, lowest_open) values ($1, $2, $3, $3)
     on conflict (chain, address) do update set
       next_nonce = greatest(a.next_nonce, excluded.next_nonce), lowest_open = greatest(a.lowest_open, excluded.lowest_open)
     returning next_nonce, lowest_open`,
    [transaction.chain, key.address.toLowerCase(), lowestOpenNonce],
  );
  const [row] = rows;
  if (row === undefined) throw new CountersignError('INTERNAL', 'evm_accounts: expected a row');
  const { nonce } = transaction;
  const next = BigInt(row.next_nonce);
  const beyond = BigInt(row.lowest_open) + policy.maxNoncesAhead;
  if (nonce > next)
    throw outOfWindow('NONCE_GAP', `nonce: expected at most ${next}, the next to be signed, got ${nonce}`);
  if (nonce >= beyond) throw outOfWindow('NONCE_TOO_FAR_AHEAD', `nonce: expected below ${beyond}, got ${nonce}`);
  if (nonce === next) {
    await client.query('update evm_accounts set next_nonce = $3 where chain = $1 and address = $2', [
      transaction.chain,
      key.address.toLowerCase(),
      nonce + 1n,
    ]);
  }
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
      memoOf(payout),
    ]),
  ];
  return createHash('sha256').update(JSON.stringify(content)).digest();
}

function memoOf({ memo }: DeclaredPayout): string | null {
  return memo === undefined ? null : memoText(memo);
}

function bound(code: string, message: string): CountersignError {
  return new CountersignError('PAYOUT_BOUND', message, { reasons: [{ code, message }] });
}

function outOfWindow(code: string, message: string): CountersignError {
  return new CountersignError('NONCE_OUT_OF_WINDOW', message, { reasons: [{ code, message }] });
}
