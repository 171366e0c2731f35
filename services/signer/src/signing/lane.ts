import { evmLaneId } from '@countersign/chains/evm/lane';
import { laneOf, stellarLaneId } from '@countersign/chains/stellar/lane';
import type { Proposal } from './proposal.ts';

/** What the chain consumes once: a range of sequence numbers of a channel, or a nonce. */
export interface Lane {
  readonly id: string;
  /** True where the lane carries one payout only. */
  readonly sole: boolean;
}

/** The lane that a transaction competes in; it follows from the bytes alone, never from what the caller says. */
export function laneFor({ transaction, key }: Proposal): Lane {
  if (transaction.kind === 'evm') {
    return { id: evmLaneId(transaction.chain, key.address, transaction.nonce), sole: true };
  }
  const { chain, source, sequence } = transaction;
  return { id: stellarLaneId(chain, source, laneOf(sequence)), sole: false };
}
