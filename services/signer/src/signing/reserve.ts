import { CountersignError } from '@countersign/contract/errors';
import type { KeyPolicy } from '@countersign/policy/schema';
import type { PoolClient } from '@countersign/runtime/postgres';
import { type BoundPayout, bind } from './bind.ts';
import { countEnvelopes } from './envelope-count.ts';
import { type Lane, laneFor } from './lane.ts';
import { memoColumn } from './memo-column.ts';
import { advanceNonce } from './nonce-window.ts';
import type { DeclaredPayout, Proposal } from './proposal.ts';
import { type Recorded, recordedOf } from './recorded.ts';

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
  if (lane.onePayout && first !== undefined && row.sole_payout !== first.payoutId) {
    const message = `lane: ${lane.id} already carries another payout`;
    throw new CountersignError('LANE_TAKEN', message, { reasons: [{ code: 'LANE_TAKEN', message }] });
  }
  if (lane.onePayout && first !== undefined && !row.same_authorization) {
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

function bound(code: string, message: string): CountersignError {
  return new CountersignError('PAYOUT_BOUND', message, { reasons: [{ code, message }] });
}
