import { LedgerEntryChange, type LedgerKey } from '@stellar/stellar-sdk/xdr';
import type { Account } from './account.ts';
import type { Address } from './address.ts';
import type { CreditAsset } from './asset.ts';
import type { ContractCode, ContractData, ContractDataPlace, Ttl } from './contract-entries.ts';
import type { DataEntry } from './data-entry.ts';
import { type Entry, entryKey, ledgerEntry } from './entry.ts';
import { type EntryName, entryName, keyName, nameOf } from './entry-name.ts';
import type { Trustline } from './trustline.ts';

/**
 * The entries of a ledger, of every kind. What is read is never changed in place: a change puts a new value under the
 * same key. Contract data and code have their lifetime in an entry of its own (kind `ttl`), which whoever puts,
 * extends or deletes them puts, extends or deletes too; the store itself neither checks nor ends lifetimes.
 */
export interface Entries {
  account(address: Address): Account | undefined;
  trustline(account: Address, asset: CreditAsset): Trustline | undefined;
  data(account: Address, name: string): DataEntry | undefined;
  contractData(place: ContractDataPlace): ContractData | undefined;
  /** `hash` in hex. */
  contractCode(hash: string): ContractCode | undefined;
  /** The lifetime of what has that key; `keyHash` from `ttlHash(key)`. */
  ttl(keyHash: string): Ttl | undefined;
  /** Whatever is under a key of any kind, as one in a footprint or in getLedgerEntries. */
  at(key: LedgerKey): Entry | undefined;
  /** By the name that the store keeps it under (`entryName`, `keyName`). */
  find(name: EntryName): Entry | undefined;
  /** Creates the entry or replaces the one under the same key; a layer sets `lastModified`. */
  put(entry: Entry): void;
  /** Removes what is under the same key as this entry; nothing happens where nothing is. */
  delete(entry: Entry): void;
}

/** Changes over other entries that reach them only by `commit`; dropping the layer rolls everything back. */
export interface EntryLayer extends Entries {
  commit(): void;
  /**
   * What the layer changed, in the order of first change, as the ledger reports it: created; state and updated; state
   * and removed. What it both created and removed is not told. Ask before `commit`.
   */
  changes(): LedgerEntryChange[];
}

/** The entries at the bottom of all layers. */
export function createEntries(): Entries & Iterable<Entry> {
  const entries = new Map<EntryName, Entry>();
  return {
    ...reads((name) => entries.get(name)),
    put: (entry) => void entries.set(entryName(entry), entry),
    delete: (entry) => void entries.delete(entryName(entry)),
    [Symbol.iterator]: () => entries.values(),
  };
}

/** A layer whose puts are stamped with the number of the ledger that makes them. */
export function layer(below: Entries, ledgerSequence: number): EntryLayer {
  const changed = new Map<EntryName, Entry | Removed>();
  return {
    ...reads((name) => {
      const change = changed.get(name);
      if (!change) return below.find(name);
      return change.kind === 'removed' ? undefined : change;
    }),
    put: (entry) => void changed.set(entryName(entry), { ...entry, lastModified: ledgerSequence }),
    delete: (entry) => {
      const name = entryName(entry);
      if (below.find(name) || changed.has(name)) changed.set(name, { kind: 'removed', entry });
    },
    commit: () => {
      for (const change of changed.values()) {
        if (change.kind === 'removed') below.delete(change.entry);
        else below.put(change);
      }
    },
    changes: () => [...changed].flatMap(([name, change]) => entryChanges(below.find(name), change)),
  };
}

interface Removed {
  readonly kind: 'removed';
  readonly entry: Entry;
}

function entryChanges(before: Entry | undefined, change: Entry | Removed): LedgerEntryChange[] {
  const state = before ? [LedgerEntryChange.ledgerEntryState(ledgerEntry(before))] : [];
  if (change.kind === 'removed')
    return before ? [...state, LedgerEntryChange.ledgerEntryRemoved(entryKey(before))] : [];
  if (!before) return [LedgerEntryChange.ledgerEntryCreated(ledgerEntry(change))];
  return [...state, LedgerEntryChange.ledgerEntryUpdated(ledgerEntry(change))];
}

/** The typed reads over one that knows names alone. */
function reads(find: (name: EntryName) => Entry | undefined): Omit<Entries, 'put' | 'delete'> {
  return {
    find,
    account: (address) => ofKind('account', find(nameOf.account(address))),
    trustline: (account, asset) => ofKind('trustline', find(nameOf.trustline(account, asset))),
    data: (account, name) => ofKind('data', find(nameOf.data(account, name))),
    contractData: (place) => ofKind('contractData', find(nameOf.contractData(place))),
    contractCode: (hash) => ofKind('contractCode', find(nameOf.contractCode(hash))),
    ttl: (keyHash) => ofKind('ttl', find(nameOf.ttl(keyHash))),
    at: (key) => {
      const name = keyName(key);
      return name === undefined ? undefined : find(name);
    },
  };
}

function ofKind<K extends Entry['kind']>(kind: K, entry: Entry | undefined): Extract<Entry, { kind: K }> | undefined {
  return entry && isOfKind(kind, entry) ? entry : undefined;
}

function isOfKind<K extends Entry['kind']>(kind: K, entry: Entry): entry is Extract<Entry, { kind: K }> {
  return entry.kind === kind;
}
