import type { Preconditions as PreconditionsEntry, TimeBounds } from '@stellar/stellar-sdk/xdr';
import type { Account } from './account.ts';
import { type Address, addressOfKey } from './address.ts';
import type { CloseTimeOffsets, LedgerContext } from './context.ts';

/** When a transaction is valid (CAP-21). Zero stands for no bound, as in the XDR. */
export interface Preconditions {
  readonly minTime: bigint;
  readonly maxTime: bigint;
  readonly minLedger: number;
  readonly maxLedger: number;
  readonly minSequence?: bigint;
  readonly minSequenceAge: bigint;
  readonly minSequenceLedgerGap: number;
  readonly extraSigners: readonly Address[];
}

const NONE: Preconditions = {
  minTime: 0n,
  maxTime: 0n,
  minLedger: 0,
  maxLedger: 0,
  minSequenceAge: 0n,
  minSequenceLedgerGap: 0,
  extraSigners: [],
};

export function timePreconditions(bounds: TimeBounds | null): Preconditions {
  return bounds ? { ...NONE, minTime: bounds.minTime, maxTime: bounds.maxTime } : NONE;
}

/** Undefined when an extra signer is not an Ed25519 key: such signers are not modelled. */
export function readPreconditions(entry: PreconditionsEntry): Preconditions | undefined {
  switch (entry.type) {
    case 'precondNone':
      return NONE;
    case 'precondTime':
      return timePreconditions(entry.timeBounds);
    case 'precondV2': {
      const { timeBounds, ledgerBounds, minSeqNum, minSeqAge, minSeqLedgerGap, extraSigners } = entry.v2;
      const signers = extraSigners.flatMap((signer) =>
        signer.type === 'signerKeyTypeEd25519' ? [addressOfKey(signer.ed25519.value)] : [],
      );
      if (signers.length < extraSigners.length) return undefined;
      return {
        ...timePreconditions(timeBounds),
        minLedger: ledgerBounds?.minLedger ?? 0,
        maxLedger: ledgerBounds?.maxLedger ?? 0,
        ...(minSeqNum === null ? {} : { minSequence: minSeqNum }),
        minSequenceAge: minSeqAge,
        minSequenceLedgerGap: minSeqLedgerGap,
        extraSigners: signers,
      };
    }
  }
}

export function isTooEarly(at: Preconditions, ledger: LedgerContext, offsets: CloseTimeOffsets): boolean {
  return at.minTime > ledger.closeTime + offsets.earliest || at.minLedger > ledger.sequence;
}

export function isTooLate(at: Preconditions, ledger: LedgerContext, offsets: CloseTimeOffsets): boolean {
  if (at.maxTime !== 0n && at.maxTime < ledger.closeTime + offsets.latest) return true;
  return at.maxLedger !== 0 && at.maxLedger <= ledger.sequence;
}

/** Whether the account's sequence number was set too recently for the transaction. */
export function isTooEarlyFor(
  account: Account,
  at: Preconditions,
  ledger: LedgerContext,
  offsets: CloseTimeOffsets,
): boolean {
  const setAt = account.sequenceSet ?? { ledger: 0, time: 0n };
  if (ledger.closeTime + offsets.earliest - at.minSequenceAge < setAt.time) return true;
  return ledger.sequence - at.minSequenceLedgerGap < setAt.ledger;
}
