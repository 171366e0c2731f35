import type { OperationResult } from '@stellar/stellar-sdk/xdr';
import type { SorobanEffects } from '../../soroban/apply.ts';
import type { Address } from '../address.ts';
import type { LedgerContext } from '../context.ts';
import type { Entries } from '../entries.ts';
import type { EntryName } from '../entry-name.ts';

export type ThresholdLevel = 'low' | 'medium' | 'high';

/** Where an operation acts. Its source account exists: that is checked before. */
export interface OperationContext {
  readonly entries: Entries;
  readonly source: Address;
  readonly ledger: LedgerContext;
  /** Takes what a contract call leaves beside changed entries, also when it fails. */
  readonly report: (effects: SorobanEffects) => void;
}

/** One kind of operation with its arguments. A returned result is a failure; success is undefined. */
export interface OperationRules {
  readonly threshold: ThresholdLevel;
  /** The result of success, which is also what an operation that was never reached reports; a call reports its own. */
  readonly success: OperationResult;
  /**
   * What the operation says itself that it reads or changes, beside its source account: a transaction that touches
   * anything frozen is refused (CAP-77). Names are those of the store (`nameOf`, `keyName`).
   */
  touches(source: Address): readonly EntryName[];
  /** What needs no ledger: well-formedness. */
  check(source: Address): OperationResult | undefined;
  /** Puts the changes into the entries; on failure they are dropped by the caller. */
  apply(context: OperationContext): OperationResult | undefined;
}
