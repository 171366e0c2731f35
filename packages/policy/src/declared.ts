import type { EvmTransaction } from '@countersign/chains/evm/decode';
import type { StellarAuthorization, StellarInvocation, StellarTransaction } from '@countersign/chains/stellar/decode';
import type { Transfer } from '@countersign/chains/transfer';
import type { Purpose } from './policy.ts';

/** A transfer that a request asks for, under the id that is paid once. */
export interface DeclaredPayout extends Transfer {
  readonly payoutId: string;
}

/** A decoded transaction, and what a request says of it. */
export type Declared = DeclaredOnStellar | DeclaredOnEvm;

interface DeclaredOnEvm extends Asked {
  readonly transaction: EvmTransaction;
}

export interface DeclaredOnStellar extends Asked {
  readonly transaction: StellarTransaction | StellarAuthorization | StellarInvocation;
  readonly networkPassphrase: string;
}

interface Asked {
  readonly purpose: Purpose;
  readonly payouts: readonly DeclaredPayout[];
  /** Of the key, as the chain knows it: G…, or EIP-55. */
  readonly address: string;
}
