import { type BumpSequenceOp, BumpSequenceResult, OperationResult, OperationResultTr } from '@stellar/stellar-sdk/xdr';
import type { OperationRules } from './operation.ts';

/** Raises the source's sequence number; a number that is not higher succeeds and changes nothing but its date. */
export function bumpSequence({ bumpTo }: BumpSequenceOp): OperationRules {
  return {
    threshold: 'low',
    success: result(BumpSequenceResult.bumpSequenceSuccess()),
    touches: () => [],
    check: () => (bumpTo < 0n ? result(BumpSequenceResult.bumpSequenceBadSeq()) : undefined),
    apply: ({ entries, source, ledger }) => {
      const account = entries.account(source);
      if (!account) return OperationResult.opNoAccount();
      entries.put({
        ...account,
        sequence: bumpTo > account.sequence ? bumpTo : account.sequence,
        sequenceSet: { ledger: ledger.sequence, time: ledger.closeTime },
      });
      return undefined;
    },
  };
}

function result(inner: BumpSequenceResult): OperationResult {
  return OperationResult.opInner(OperationResultTr.bumpSequence(inner));
}
