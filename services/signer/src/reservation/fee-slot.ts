import type { Proposal } from '../signing/proposal.ts';

/** What a chain can take as a fee, and the slot for which it takes a fee once: a sequence number, a nonce. The chain is part of it: a policy can move a key to another. */
export interface FeeSlot {
  readonly slot: string;
  /** Stroops or wei: the most that it can be. */
  readonly most: bigint;
}

/** None for a Soroban authorization: only the envelope around it pays. */
export function feeSlotOf({ transaction }: Pick<Proposal, 'transaction'>): FeeSlot | undefined {
  switch (transaction.kind) {
    case 'stellar':
    case 'stellar-invocation':
      return { slot: `${transaction.chain}:${transaction.source}:${transaction.sequence}`, most: transaction.fee };
    case 'stellar-authorization':
      return undefined;
    case 'evm':
      return {
        slot: `${transaction.chain}:nonce:${transaction.nonce}`,
        most: transaction.gasLimit * transaction.maxFeePerGas,
      };
    default:
      return transaction satisfies never;
  }
}
