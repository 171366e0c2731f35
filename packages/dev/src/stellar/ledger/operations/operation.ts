import type { OperationResult } from '@stellar/stellar-sdk/xdr';
import type { Accounts } from '../accounts.ts';
import type { Address } from '../address.ts';
import type { LedgerContext } from '../context.ts';

export type ThresholdLevel = 'low' | 'medium' | 'high';

/** Where an operation acts. Its source account exists: that is checked before. */
export interface OperationContext {
  readonly accounts: Accounts;
  readonly source: Address;
  readonly ledger: LedgerContext;
}

/** One kind of operation with its arguments. A returned result is a failure; success is undefined. */
export interface OperationRules {
  readonly threshold: ThresholdLevel;
  /** The result of success, which is also what an operation that was never reached reports. */
  readonly success: OperationResult;
  /** What needs no ledger: well-formedness. */
  check(source: Address): OperationResult | undefined;
  /** Puts the changes into the accounts; on failure they are dropped by the caller. */
  apply(context: OperationContext): OperationResult | undefined;
}
