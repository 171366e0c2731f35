import { CountersignError } from '@countersign/contract/errors';
import { memoColumn } from '../signing/memo-column.ts';
import type { Ask } from './ask.ts';
import { authorizationOf, hex, payoutIdsOf, requestKey, transactionKey } from './bind.ts';
import type { Book, ReservedTransaction } from './book.ts';

/** @throws CountersignError REQUEST_ID_REUSED where the id stands for another request of this caller. */
export function demandSameRequest(book: Book, ask: Ask): void {
  const bound = book.requests.get(requestKey(ask));
  if (bound === undefined || bound === hex(ask.fingerprint)) return;
  const { requestId } = ask.proposal;
  throw new CountersignError('REQUEST_ID_REUSED', `request_id: ${requestId} stands for another request`);
}

/**
 * @returns the transaction as it was reserved, if it was.
 * @throws CountersignError PAYOUT_BOUND where it was for other payouts, another purpose or another public key.
 */
export function demandSameDeclaration(book: Book, ask: Ask): ReservedTransaction | undefined {
  const { proposal, lane } = ask;
  const reserved = book.transactions.get(transactionKey(ask));
  if (reserved === undefined) return undefined;
  const asReserved = [reserved.lane, reserved.purpose, ...reserved.payoutIds];
  const asDeclared = [lane.id, proposal.purpose, ...payoutIdsOf(ask)];
  if (asReserved.length !== asDeclared.length || asReserved.some((value, i) => value !== asDeclared[i])) {
    throw bound('TRANSACTION_DECLARED_OTHERWISE', 'payouts: this transaction was reserved for other payouts');
  }
  if (reserved.publicKey !== hex(proposal.key.publicKey)) {
    throw bound('OTHER_KEY', 'key_id: this transaction was reserved for another public key');
  }
  return reserved;
}

/**
 * A lane that carries one payout carries this one, and its authorization is this one.
 *
 * @throws CountersignError LANE_TAKEN, PAYOUT_BOUND.
 */
export function demandOwnLane(book: Book, { lane, proposal }: Ask): void {
  const [first] = proposal.payouts;
  const sole = lane.onePayout ? book.soleLanes.get(lane.id) : undefined;
  if (sole === undefined || first === undefined) return;
  if (sole.payoutId !== first.payoutId) {
    const message = `lane: ${lane.id} already carries another payout`;
    throw new CountersignError('LANE_TAKEN', message, { reasons: [{ code: 'LANE_TAKEN', message }] });
  }
  if (sole.authorizationHash !== authorizationOf(lane)) {
    throw bound('OTHER_AUTHORIZATION', `payout ${first.payoutId}: another authorization was reserved for it, for good`);
  }
}

/** @throws CountersignError PAYOUT_BOUND where a payout is bound to another lane, key or other terms. */
export function demandSameTerms(book: Book, { lane, proposal }: Ask): void {
  for (const payout of proposal.payouts) {
    const { payoutId, destination, asset, amount } = payout;
    const as = book.payouts.get(payoutId);
    if (as === undefined) continue;
    if (as.lane !== lane.id) {
      throw bound('OTHER_LANE', `payout ${payoutId}: bound to lane ${as.lane}, got ${lane.id}`);
    }
    const asBound = [as.keyId, as.destination, as.asset, as.amount, as.memo];
    const asDeclared = [proposal.key.id, destination, asset, amount.toString(), memoColumn(payout)];
    if (asBound.some((value, i) => value !== asDeclared[i])) {
      throw bound('OTHER_TERMS', `payout ${payoutId}: bound to another key, destination, asset, amount or memo`);
    }
  }
}

function bound(code: string, message: string): CountersignError {
  return new CountersignError('PAYOUT_BOUND', message, { reasons: [{ code, message }] });
}
