import type { LedgerKey } from '@stellar/stellar-sdk/xdr';
import { type Account, accountKey } from '../ledger/account.ts';
import type { Address } from '../ledger/address.ts';
import type { CreditAsset } from '../ledger/asset.ts';
import { type ContractData, type ContractDataPlace, contractDataKey } from '../ledger/contract-entries.ts';
import type { Entries } from '../ledger/entries.ts';
import { type Entry, entryKey } from '../ledger/entry.ts';
import { type Trustline, trustlineKey } from '../ledger/trustline.ts';
import type { Footprint } from './footprint.ts';
import { liveness, liveUntil, setLiveUntil } from './lifetime.ts';

/** The ledger as a contract sees it: through a footprint, without what has expired. Every access can throw a HostError. */
export interface Storage {
  account(address: Address): Account | undefined;
  trustline(account: Address, asset: CreditAsset): Trustline | undefined;
  contractData(place: ContractDataPlace): ContractData | undefined;
  /** Puts an entry. Contract data that is new lives until `until`; what is there keeps its lifetime. */
  put(entry: Entry, until?: number): void;
  /** Lets an entry that would end within `threshold` ledgers live for `ledgers` from now; reading rights are enough. */
  extend(place: ContractDataPlace, threshold: number, ledgers: number): void;
}

/** `restore` is called with an archived entry that is accessed; where nothing can restore it there is none to access. */
export function createStorage(
  entries: Entries,
  footprint: Footprint,
  ledgerSequence: number,
  restore: (key: LedgerKey) => void,
): Storage {
  const isThere = (key: LedgerKey) => {
    footprint.use(key, 'read');
    const state = liveness(entries, key, ledgerSequence);
    if (state === 'archived') restore(key);
    return state !== 'none';
  };
  return {
    account: (address) => (isThere(accountKey(address)) ? entries.account(address) : undefined),
    trustline: (account, asset) =>
      isThere(trustlineKey({ account, asset })) ? entries.trustline(account, asset) : undefined,
    contractData: (place) => (isThere(contractDataKey(place)) ? entries.contractData(place) : undefined),
    put: (entry, until) => {
      const key = entryKey(entry);
      footprint.use(key, 'write');
      const isNew = liveness(entries, key, ledgerSequence) === 'none';
      entries.put(entry);
      if (isNew && until !== undefined) setLiveUntil(entries, key, until);
    },
    extend: (place, threshold, ledgers) => {
      const key = contractDataKey(place);
      footprint.use(key, 'read');
      const until = liveUntil(entries, key);
      if (until === undefined || until - ledgerSequence > threshold) return;
      if (ledgerSequence + ledgers > until) setLiveUntil(entries, key, ledgerSequence + ledgers);
    },
  };
}
