import { LedgerEntryChange } from '@stellar/stellar-sdk/xdr';
import { type Account, ledgerEntry } from './account.ts';
import type { Address } from './address.ts';

/** The accounts of a ledger. Account values are immutable; a change puts a new value. */
export interface Accounts {
  get(address: Address): Account | undefined;
  put(account: Account): void;
}

/** Changes over other accounts that reach them only by `commit`; dropping the layer rolls everything back. */
export interface AccountLayer extends Accounts {
  commit(): void;
  /** What the layer changed, in the order of first change, as the ledger reports it. */
  changes(): LedgerEntryChange[];
}

/** The accounts at the bottom of all layers. */
export function createAccounts(): Accounts & Iterable<Account> {
  const accounts = new Map<Address, Account>();
  return {
    get: (address) => accounts.get(address),
    put: (account) => void accounts.set(account.address, account),
    [Symbol.iterator]: () => accounts.values(),
  };
}

/** A layer whose puts are stamped with the number of the ledger that makes them. */
export function layer(below: Accounts, ledgerSequence: number): AccountLayer {
  const changed = new Map<Address, Account>();
  return {
    get: (address) => changed.get(address) ?? below.get(address),
    put: (account) => void changed.set(account.address, { ...account, lastModified: ledgerSequence }),
    commit: () => {
      for (const account of changed.values()) below.put(account);
    },
    changes: () => [...changed.values()].flatMap((after) => entryChanges(below.get(after.address), after)),
  };
}

function entryChanges(before: Account | undefined, after: Account): LedgerEntryChange[] {
  if (!before) return [LedgerEntryChange.ledgerEntryCreated(ledgerEntry(after))];
  return [
    LedgerEntryChange.ledgerEntryState(ledgerEntry(before)),
    LedgerEntryChange.ledgerEntryUpdated(ledgerEntry(after)),
  ];
}
