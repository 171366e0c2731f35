import type { LedgerKey } from '@stellar/stellar-sdk/xdr';
import type { EntryName } from './entry-name.ts';

/** Network settings that a validator's vote can change on a real network. Stroops. */
export interface Parameters {
  readonly baseFee: bigint;
  readonly baseReserve: bigint;
  readonly maxOperationsPerLedger: number;
  /** What no transaction may touch (CAP-77): the one setting that does change here, at once. */
  readonly frozen: ReadonlyMap<EntryName, LedgerKey>;
}

/** The ledger that a transaction is checked against or applied in. */
export interface LedgerContext extends Parameters {
  /** Number of the ledger being built. */
  readonly sequence: number;
  /** Unix seconds: of the ledger being built when applying, of the last closed one when validating for a later one. */
  readonly closeTime: bigint;
}

/** What to add to the context's close time for the earliest and the latest moment the transaction could be applied. */
export interface CloseTimeOffsets {
  readonly earliest: bigint;
  readonly latest: bigint;
}

export const NO_OFFSETS: CloseTimeOffsets = { earliest: 0n, latest: 0n };

/** A new account's first sequence number: the number of its ledger in the upper 32 bits. */
export function startingSequence(ledgerSequence: number): bigint {
  return BigInt(ledgerSequence) << 32n;
}
