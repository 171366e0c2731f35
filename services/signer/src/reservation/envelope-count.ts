import { CountersignError } from '@countersign/contract/errors';
import type { Ask } from './ask.ts';
import type { Book } from './book.ts';

/** Around one authorization. The engine needs a few; each that fails on the ledger costs its fee, and the channel pays it. */
const MOST_ENVELOPES = 32n;

/**
 * How many envelopes there are around the authorization of a lane once this one is among them.
 *
 * @throws CountersignError LANE_EXHAUSTED.
 */
export function envelopesOf(book: Book, { proposal, lane }: Ask): ReadonlyMap<string, bigint> {
  if (proposal.transaction.kind !== 'stellar-invocation') return new Map();
  const count = (book.envelopes.get(lane.id) ?? 0n) + 1n;
  if (count <= MOST_ENVELOPES) return new Map([[lane.id, count]]);
  const message = `lane: ${lane.id} has ${MOST_ENVELOPES} envelopes, the most there may be`;
  throw new CountersignError('LANE_EXHAUSTED', message, { reasons: [{ code: 'LANE_EXHAUSTED', message }] });
}
