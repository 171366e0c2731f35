import { CountersignError } from '@countersign/contract/errors';
import type { Call } from '../context.ts';

// What a commit and the way back take at the least: who has less left would not hear of it.
const MARGIN_MS = 5;

/**
 * Refuses a call whose caller no longer waits, so that nothing is begun that it would not hear of. Before the reservation
 * alone: from there on the signer's own deadline counts.
 *
 * @throws CountersignError DEADLINE.
 */
export function demandTime(call: Pick<Call, 'deadline' | 'isOver'>, nowMs: number = Date.now()): void {
  if (!call.isOver() && call.deadline - nowMs > MARGIN_MS) return;
  throw new CountersignError('DEADLINE', 'the time for this call was over before anything was reserved');
}
