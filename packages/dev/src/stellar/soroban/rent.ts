import type { LedgerKey } from '@stellar/stellar-sdk/xdr';
import type { Entries } from '../ledger/entries.ts';
import { ledgerEntry } from '../ledger/entry.ts';
import type { RentChange } from './fees.ts';
import { hasLifetime, isPersistent, liveness, liveUntil } from './lifetime.ts';

/** How an invocation changed what of its footprint pays rent. What was archived counts as new. */
export function rentChanges(
  before: Entries,
  after: Entries,
  keys: readonly LedgerKey[],
  ledgerSequence: number,
): RentChange[] {
  const measure = (entries: Entries, key: LedgerKey) =>
    liveness(entries, key, ledgerSequence) === 'live'
      ? { size: entrySize(entries, key), until: liveUntil(entries, key) ?? 0 }
      : { size: 0, until: 0 };
  return keys
    .filter(hasLifetime)
    .map((key) => ({ persistent: isPersistent(key), before: measure(before, key), after: measure(after, key) }))
    .filter(({ after: { size } }) => size > 0);
}

/** Bytes of the entry's XDR; 0 where there is none. */
export function entrySize(entries: Entries, key: LedgerKey): number {
  const entry = entries.at(key);
  return entry ? ledgerEntry(entry).toXdr().length : 0;
}

/** The same with all extensions that an account can get before the call runs: a simulation reckons with them. */
export function largestSize(entries: Entries, key: LedgerKey): number {
  const entry = entries.at(key);
  if (entry?.kind !== 'account' || entry.sequenceSet) return entrySize(entries, key);
  return ledgerEntry({ ...entry, sequenceSet: { ledger: 0, time: 0n } }).toXdr().length;
}
