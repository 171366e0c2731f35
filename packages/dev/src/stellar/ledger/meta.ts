import {
  type ContractEvent,
  ExtensionPoint,
  type LedgerEntryChange,
  OperationMetaV2,
  SorobanTransactionMetaExt,
  SorobanTransactionMetaExtV1,
  SorobanTransactionMetaV2,
  TransactionMeta,
  TransactionMetaV4,
} from '@stellar/stellar-sdk/xdr';
import type { Frame } from './envelope.ts';
import type { Applied } from './transaction.ts';

/** What a transaction changed, ledger entry by ledger entry, and what a contract said. Classic operations say nothing. */
export function transactionMeta(frame: Frame, { changesBefore, operationChanges, effects }: Applied): TransactionMeta {
  return TransactionMeta.v4(
    new TransactionMetaV4({
      ext: ExtensionPoint.v0(),
      txChangesBefore: [...changesBefore],
      operations: operationChanges.map((changes) => operationMeta(changes, effects?.events ?? [])),
      txChangesAfter: [],
      sorobanMeta: sorobanMeta(frame, effects),
      events: [],
      diagnosticEvents: [...(effects?.diagnostics ?? [])],
    }),
  );
}

function operationMeta(changes: readonly LedgerEntryChange[], events: readonly ContractEvent[]): OperationMetaV2 {
  return new OperationMetaV2({ ext: ExtensionPoint.v0(), changes: [...changes], events: [...events] });
}

/** Every contract call has one, also when it failed; then without a returned value. */
function sorobanMeta(frame: Frame, effects: Applied['effects']): SorobanTransactionMetaV2 | null {
  const { content } = frame.kind === 'feeBump' ? frame.inner : frame;
  if (content.refusal || !content.soroban) return null;
  const fees = new SorobanTransactionMetaExtV1({
    ext: ExtensionPoint.v0(),
    totalNonRefundableResourceFeeCharged: content.soroban.nonRefundableFee,
    totalRefundableResourceFeeCharged: effects?.refundableFee ?? 0n,
    rentFeeCharged: effects?.rentFee ?? 0n,
  });
  return new SorobanTransactionMetaV2({
    ext: SorobanTransactionMetaExt.v1(fees),
    returnValue: effects?.returnValue ?? null,
  });
}
