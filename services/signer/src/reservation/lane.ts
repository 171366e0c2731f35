import type { ChainId } from '@countersign/chains/caip';
import { evmLaneId } from '@countersign/chains/evm/lane';
import type { StellarAuthorization } from '@countersign/chains/stellar/decode';
import { authorizationLaneId, laneOf, stellarLaneId } from '@countersign/chains/stellar/lane';
import type { Proposal } from '../signing/proposal.ts';

/** What the chain consumes once: a range of sequence numbers of a channel, the nonce of an account or of an authorization. */
export interface Lane {
  readonly id: string;
  /** Whether it belongs to its first payout alone; a channel's range takes payouts until it is closed. */
  readonly onePayout: boolean;
  /** The hash of the one authorization entry that may ever be signed on it; null where any number of transactions may. */
  readonly authorizationHash: Uint8Array | null;
}

/** The lane that a transaction competes in; it follows from the bytes alone, never from what the caller says. */
export function laneFor({ transaction, key }: Proposal): Lane {
  switch (transaction.kind) {
    case 'stellar': {
      const { chain, source, sequence } = transaction;
      return { id: stellarLaneId(chain, source, laneOf(sequence)), onePayout: false, authorizationHash: null };
    }
    case 'stellar-authorization':
      return authorizationLane(transaction.chain, transaction);
    case 'stellar-invocation':
      return authorizationLane(transaction.chain, transaction.authorization);
    case 'evm': {
      const { chain, nonce } = transaction;
      return { id: evmLaneId(chain, key.address, nonce), onePayout: true, authorizationHash: null };
    }
    default:
      return transaction satisfies never;
  }
}

function authorizationLane(
  chain: ChainId,
  { account, nonce, hash }: Pick<StellarAuthorization, 'account' | 'nonce' | 'hash'>,
): Lane {
  return { id: authorizationLaneId(chain, account, nonce), onePayout: true, authorizationHash: hash };
}
