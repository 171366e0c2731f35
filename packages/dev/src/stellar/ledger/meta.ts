import {
  ExtensionPoint,
  type LedgerEntryChange,
  OperationMetaV2,
  TransactionMeta,
  TransactionMetaV4,
} from '@stellar/stellar-sdk/xdr';
import type { Applied } from './transaction.ts';

/** What a transaction changed, ledger entry by ledger entry. Events are not modelled: the lists are empty. */
export function transactionMeta({ changesBefore, operationChanges }: Applied): TransactionMeta {
  return TransactionMeta.v4(
    new TransactionMetaV4({
      ext: ExtensionPoint.v0(),
      txChangesBefore: [...changesBefore],
      operations: operationChanges.map(operationMeta),
      txChangesAfter: [],
      sorobanMeta: null,
      events: [],
      diagnosticEvents: [],
    }),
  );
}

function operationMeta(changes: readonly LedgerEntryChange[]): OperationMetaV2 {
  return new OperationMetaV2({ ext: ExtensionPoint.v0(), changes: [...changes], events: [] });
}
