import {
  type LedgerEntry,
  type LedgerEntryChange,
  type Operation,
  TransactionEnvelope,
  TransactionMeta,
} from '@stellar/stellar-sdk/xdr';
import { newAccount } from '../ledger/account.ts';
import { type Address, addressOf, addressOfKey } from '../ledger/address.ts';
import { creditAsset } from '../ledger/asset.ts';
import { createEntries, type Entries, type EntryLayer, layer } from '../ledger/entries.ts';
import type { Entry } from '../ledger/entry.ts';
import type { OperationRules } from '../ledger/operations/operation.ts';
import { type Outcome, transactionResult } from '../ledger/result.ts';

/** The one operation of a recorded envelope, and whose it is. */
export function recordedOperation(envelope: string): { readonly source: Address; readonly operation: Operation } {
  const read = TransactionEnvelope.fromXdr(envelope, 'base64');
  if (read.type === 'envelopeTypeTxFeeBump') throw new Error('expected no fee bump');
  const { tx } = read.value;
  const operation = tx.operations[0];
  if (!operation || tx.operations.length > 1) throw new Error(`expected one operation, got ${tx.operations.length}`);
  const source = 'sourceAccount' in tx ? addressOf(tx.sourceAccount) : addressOfKey(tx.sourceAccountEd25519.value);
  return { source, operation };
}

/** What a recorded transaction's one operation changed. */
export function recordedChanges(meta: string): readonly LedgerEntryChange[] {
  const read = TransactionMeta.fromXdr(meta, 'base64');
  const operations = read.type === 'operations' ? read.value : read.value.operations;
  const [operation] = operations;
  if (!operation || operations.length > 1) throw new Error('expected the changes of one operation');
  return operation.changes;
}

interface Replay {
  /** The whole transaction's result at a fee of 100 stroops, base64. */
  readonly result: string;
  readonly changes: readonly LedgerEntryChange[];
}

/** Runs one operation on entries, in the ledger with that number. */
export function replay(rules: OperationRules, source: Address, entries: Entries, sequence: number): Replay {
  const ledger = {
    sequence,
    closeTime: 0n,
    baseFee: 100n,
    baseReserve: 5_000_000n,
    maxOperationsPerLedger: 1_000,
    frozen: new Map(),
  };
  const own: EntryLayer = layer(entries, sequence);
  const problem = rules.check(source) ?? rules.apply({ entries: own, source, ledger, report: () => undefined });
  const outcome: Outcome = problem
    ? { code: 'txFailed', operations: [problem] }
    : { code: 'txSuccess', operations: [rules.success] };
  return { result: transactionResult(100n, outcome).toXdr('base64'), changes: own.changes() };
}

/** The ledger as it was before the changes, and accounts that they do not tell of. */
export function entriesBefore(changes: readonly LedgerEntryChange[], others: readonly Address[]): Entries {
  const entries = createEntries();
  for (const address of others) entries.put(newAccount(address, 1_000_000_000n, 0n));
  for (const change of changes) {
    if (change.type === 'ledgerEntryState') entries.put(entryOf(change.state));
  }
  return entries;
}

function entryOf({ data, lastModifiedLedgerSeq: lastModified }: LedgerEntry): Entry {
  switch (data.type) {
    case 'account': {
      const { accountId, balance, seqNum, numSubEntries, flags } = data.account;
      const account = newAccount(addressOfKey(accountId.ed25519.value), balance, seqNum);
      return { ...account, subentries: numSubEntries, flags, lastModified };
    }
    case 'trustline': {
      const { accountId, asset, balance, limit, flags } = data.trustLine;
      const credit = creditAsset(asset);
      if (!credit) throw new Error(`cannot hold ${asset.type}`);
      const account = addressOfKey(accountId.ed25519.value);
      return { kind: 'trustline', account, asset: credit, balance, limit, flags, lastModified };
    }
    default:
      throw new Error(`unexpected ${data.type}`);
  }
}
