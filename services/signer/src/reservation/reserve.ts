import type { Recorded } from '../signing/recorded.ts';
import type { Ask } from './ask.ts';
import { bind, bindRequest } from './bind.ts';
import type { Book } from './book.ts';
import { spendingOf } from './charge.ts';
import { demandOwnLane, demandSameDeclaration, demandSameRequest, demandSameTerms } from './demand-same.ts';
import { envelopesOf } from './envelope-count.ts';
import { demandNotFrozen, demandPolicyInForce } from './in-force.ts';
import { noncesOf } from './nonce-window.ts';

/**
 * Decides one reservation in the book of its group: the request id is bound to its content, the transaction to its payouts, each
 * payout to its terms and lane, the nonce of a Soroban authorization to one content, an EVM nonce to its place in the row, and
 * what may be spent is charged. Nothing of it is ever undone. A refusal changes nothing in the book.
 *
 * @returns the recorded signature where exactly this transaction was signed before, else undefined.
 * @throws CountersignError POLICY_SUPERSEDED, KEY_FROZEN, REQUEST_ID_REUSED, PAYOUT_BOUND, LANE_TAKEN, LANE_EXHAUSTED,
 * NONCE_OUT_OF_WINDOW, LIMIT_REACHED.
 */
export function reserve(book: Book, ask: Ask): Recorded | undefined {
  demandPolicyInForce(book, ask);
  demandNotFrozen(book, ask);
  demandSameRequest(book, ask);
  const reserved = demandSameDeclaration(book, ask);
  demandOwnLane(book, ask);
  demandSameTerms(book, ask);
  if (reserved?.recorded === undefined) {
    const envelopes = reserved === undefined ? envelopesOf(book, ask) : new Map();
    const nonces = noncesOf(book, ask);
    bind(book, ask, { envelopes, nonces, ...spendingOf(book, ask) });
  }
  bindRequest(book, ask);
  return reserved?.recorded;
}
