import { type ManageDataOp, ManageDataResult, OperationResult, OperationResultTr } from '@stellar/stellar-sdk/xdr';
import { subentryProblem } from '../account.ts';
import type { DataEntry } from '../data-entry.ts';
import type { OperationContext, OperationRules } from './operation.ts';

/** Adds, changes or (no value) deletes a data entry of the source. Data entries cannot be frozen (CAP-77). */
export function manageData({ dataName, dataValue }: ManageDataOp): OperationRules {
  const { bytes } = dataName;
  const isValidName = bytes.length > 0 && bytes.every((byte) => byte >= 0x20 && byte <= 0x7e);
  const name = Buffer.from(bytes).toString('latin1');
  return {
    threshold: 'medium',
    success: result(ManageDataResult.manageDataSuccess()),
    touches: () => [],
    check: () => (isValidName ? undefined : result(ManageDataResult.manageDataInvalidName())),
    apply: (context) => {
      const existing = context.entries.data(context.source, name);
      if (!dataValue) return remove(context, existing);
      if (existing) context.entries.put({ ...existing, value: dataValue.value });
      else return add(context, name, dataValue.value);
      return undefined;
    },
  };
}

function add({ entries, source, ledger }: OperationContext, name: string, value: Uint8Array) {
  const account = entries.account(source);
  if (!account) return OperationResult.opNoAccount();
  switch (subentryProblem(account, ledger.baseReserve)) {
    case 'tooManySubentries':
      return OperationResult.opTooManySubentries();
    case 'lowReserve':
      return result(ManageDataResult.manageDataLowReserve());
    case undefined:
      entries.put({ ...account, subentries: account.subentries + 1 });
      entries.put({ kind: 'data', account: source, name, value, lastModified: 0 });
      return undefined;
  }
}

function remove({ entries, source }: OperationContext, existing: DataEntry | undefined) {
  if (!existing) return result(ManageDataResult.manageDataNameNotFound());
  const account = entries.account(source);
  if (!account) return OperationResult.opNoAccount();
  entries.put({ ...account, subentries: account.subentries - 1 });
  entries.delete(existing);
  return undefined;
}

function result(inner: ManageDataResult): OperationResult {
  return OperationResult.opInner(OperationResultTr.manageData(inner));
}
