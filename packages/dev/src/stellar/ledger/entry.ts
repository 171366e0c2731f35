import { LedgerEntry, type LedgerEntryData, LedgerEntryExt, type LedgerKey } from '@stellar/stellar-sdk/xdr';
import { type Account, accountData, accountKey } from './account.ts';
import {
  type ContractCode,
  type ContractData,
  contractCodeData,
  contractCodeKey,
  contractDataData,
  contractDataKey,
  type Ttl,
  ttlData,
  ttlKey,
} from './contract-entries.ts';
import { type DataEntry, dataData, dataKey } from './data-entry.ts';
import { type Trustline, trustlineData, trustlineKey } from './trustline.ts';

/** Everything that the ledger can hold, told apart by `kind`. Values are immutable; a change puts a new one. */
export type Entry = Account | Trustline | DataEntry | ContractData | ContractCode | Ttl;

export function entryKey(entry: Entry): LedgerKey {
  switch (entry.kind) {
    case 'account':
      return accountKey(entry.address);
    case 'trustline':
      return trustlineKey(entry);
    case 'data':
      return dataKey(entry);
    case 'contractData':
      return contractDataKey(entry);
    case 'contractCode':
      return contractCodeKey(entry);
    case 'ttl':
      return ttlKey(entry);
  }
}

export function entryData(entry: Entry): LedgerEntryData {
  switch (entry.kind) {
    case 'account':
      return accountData(entry);
    case 'trustline':
      return trustlineData(entry);
    case 'data':
      return dataData(entry);
    case 'contractData':
      return contractDataData(entry);
    case 'contractCode':
      return contractCodeData(entry);
    case 'ttl':
      return ttlData(entry);
  }
}

export function ledgerEntry(entry: Entry): LedgerEntry {
  return new LedgerEntry({
    lastModifiedLedgerSeq: entry.lastModified,
    data: entryData(entry),
    ext: LedgerEntryExt.v0(),
  });
}
