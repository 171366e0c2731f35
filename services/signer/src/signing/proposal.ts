import type { EvmTransaction } from '@countersign/chains/evm/decode';
import type { StellarAuthorization, StellarInvocation, StellarTransaction } from '@countersign/chains/stellar/decode';
import type { RegisteredKey } from '@countersign/custody/registry';
import type { DeclaredPayout } from '@countersign/policy/match';
import type { Purpose } from '@countersign/policy/schema';

/** A payout as the caller declared it, in canonical form. */
export interface PayoutWithApprovals extends DeclaredPayout {
  /** What approvers may have signed; nothing of it is verified yet. */
  readonly approvals: readonly Approval[];
}

export interface Approval {
  /** Unix seconds. */
  readonly expiresAt: bigint;
  /** An SSHSIG blob. */
  readonly signature: Uint8Array;
}

/** The key that is to sign, with the address that the chain knows it by (G… or EIP-55). */
export interface ProposedKey extends RegisteredKey {
  readonly address: string;
}

interface Asked {
  readonly requestId: string;
  readonly key: ProposedKey;
  readonly purpose: Purpose;
  readonly payouts: readonly PayoutWithApprovals[];
  /** The unsigned bytes as they came; the decoders admit one encoding only. */
  readonly unsigned: Uint8Array;
}

export interface StellarProposal extends Asked {
  readonly kind: 'stellar';
  readonly transaction: StellarTransaction | StellarInvocation | StellarAuthorization;
  /** The network that the signature is to be valid on. */
  readonly networkPassphrase: string;
}

export interface EvmProposal extends Asked {
  readonly kind: 'evm';
  readonly transaction: EvmTransaction;
  /** The lowest nonce that the caller has not seen final. */
  readonly lowestOpenNonce: bigint;
}

/** What a caller asks for, decoded by the signer itself and checked in every field, but not yet judged. */
export type Proposal = StellarProposal | EvmProposal;

/** Whatever the signer signs: each kind is decoded whole, and nothing else is signed. */
export type ProposedTransaction = Proposal['transaction'];

/** The 32 bytes that a signature covers. */
export function signingHash({ transaction }: Proposal): Uint8Array {
  return transaction.kind === 'evm' ? transaction.signingHash : transaction.hash;
}
