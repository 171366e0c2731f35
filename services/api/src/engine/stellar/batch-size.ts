import { laneOf, MAX_PAYMENTS } from '@countersign/chains/stellar/lane';

// Numbers that a batch should have left for going on after a failure.
const LEAST_ROOM = 16n;

/**
 * How many payments to put on a channel whose last used number this is. Contract calls can have used most of a lane up; in
 * the rest of it a payout goes alone, so that its failure at the last number leaves no other unpaid. Its success closes the lane.
 */
export function batchSize(sequence: bigint): number {
  const room = laneOf(sequence + 1n).end - sequence;
  return room < LEAST_ROOM ? 1 : MAX_PAYMENTS;
}
