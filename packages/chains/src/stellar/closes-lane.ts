import type { StellarTransaction } from './decode.ts';
import { laneOf } from './lane.ts';

/** Whether the last operation moves the sequence number of the channel to the end of its lane. */
export function closesLane({
  operations,
  source,
  sequence,
}: Pick<StellarTransaction, 'operations' | 'source' | 'sequence'>): boolean {
  const closing = operations.at(-1);
  if (closing?.type !== 'bumpSequence') return false;
  return (closing.source ?? source) === source && closing.bumpTo === laneOf(sequence).end;
}
