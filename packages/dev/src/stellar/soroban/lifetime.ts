import type { LedgerKey } from '@stellar/stellar-sdk/xdr';
import { ttlHash } from '../ledger/contract-entries.ts';
import type { Entries } from '../ledger/entries.ts';
import { LIFETIMES } from './settings.ts';

/** `none`: no entry, or a temporary one whose time is over, which is the same. Entries without lifetime always live. */
export type Liveness = 'live' | 'archived' | 'none';

export function liveness(entries: Entries, key: LedgerKey, ledgerSequence: number): Liveness {
  const entry = entries.at(key);
  if (!entry) return 'none';
  const until = liveUntil(entries, key);
  if (until === undefined || until >= ledgerSequence) return 'live';
  return entry.kind === 'contractData' && entry.durability === 'temporary' ? 'none' : 'archived';
}

/** The last ledger in which it lives; undefined for what has no lifetime. */
export function liveUntil(entries: Entries, key: LedgerKey): number | undefined {
  if (!hasLifetime(key)) return undefined;
  return entries.ttl(ttlHash(key))?.liveUntil;
}

export function setLiveUntil(entries: Entries, key: LedgerKey, ledgerSequence: number): void {
  entries.put({ kind: 'ttl', keyHash: ttlHash(key), liveUntil: ledgerSequence, lastModified: 0 });
}

/** How long a persistent entry lives that is created or restored in this ledger. */
export function persistentUntil(ledgerSequence: number): number {
  return ledgerSequence + LIFETIMES.minPersistent - 1;
}

/** How long a temporary entry lives at least that is created in this ledger. */
export function temporaryUntil(ledgerSequence: number): number {
  return ledgerSequence + LIFETIMES.minTemporary - 1;
}

/** The latest end that any entry can be given in this ledger. */
export function latestUntil(ledgerSequence: number): number {
  return ledgerSequence + LIFETIMES.max - 1;
}

export function hasLifetime({ type }: LedgerKey): boolean {
  return type === 'contractData' || type === 'contractCode';
}

export function isPersistent(key: LedgerKey): boolean {
  return (
    key.type === 'contractCode' || (key.type === 'contractData' && key.contractData.durability.name === 'persistent')
  );
}
