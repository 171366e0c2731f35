import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { AuditEvent } from './event.ts';

/** Stands before the first event: 64 zeros. */
export const GENESIS_HASH = '0'.repeat(64);

/** The last event of a chain, which the next one names. */
export interface ChainHead {
  readonly sequence: bigint;
  /** Lower-case hex of 32 bytes. */
  readonly hash: string;
}

export interface ChainLink extends ChainHead {
  readonly previousHash: string;
}

export interface Linked extends ChainLink {
  /** The event as it was hashed: RFC 8785. */
  readonly text: string;
}

export interface ChainRow extends ChainLink {
  readonly chain: string;
  /** As it was linked, or as it came back from a JSON column. */
  readonly event: AuditEvent;
}

/**
 * The place of an event behind `previous`; without one, it opens the chain at sequence 1. The hash is
 * SHA-256(RFC 8785 JSON of {chain, sequence as a decimal string, previousHash, event}).
 * @throws AuditError NOT_JSON where the event holds what JSON cannot.
 */
export function link(chain: string, previous: ChainHead | undefined, event: AuditEvent): Linked {
  const sequence = (previous?.sequence ?? 0n) + 1n;
  const previousHash = previous?.hash ?? GENESIS_HASH;
  const text = canonicalJson(event);
  return { sequence, previousHash, hash: hashOf(chain, sequence, previousHash, text), text };
}

/** @param event as its own RFC 8785 text, which is the same inside another one. */
function hashOf(chain: string, sequence: bigint, previousHash: string, event: string): string {
  const [name, previous] = [canonicalJson(chain), canonicalJson(previousHash)];
  const text = `{"chain":${name},"event":${event},"previousHash":${previous},"sequence":"${sequence}"}`;
  return createHash('sha256').update(text).digest('hex');
}

export type Verification =
  | { readonly ok: true; readonly head: ChainHead | undefined }
  /** `sequence` is the first place at which the chain is not as it was written. */
  | { readonly ok: false; readonly sequence: bigint; readonly problem: string };

export interface VerifyOptions {
  /** Where the rows go on, when they are not the whole chain. */
  readonly after?: ChainHead;
  /** Where the chain is known to have come: only this shows rows missing at the end. */
  readonly head?: ChainHead;
}

/** Checks rows of one chain, in the order given: each at its place, after the one before, with the hash of its content. */
export function verifyChain(rows: Iterable<ChainRow>, { after, head }: VerifyOptions = {}): Verification {
  let last = after;
  let chain: string | undefined;
  for (const row of rows) {
    chain ??= row.chain;
    const problem = problemOf(row, chain, last);
    if (problem !== undefined) return { ok: false, sequence: nextSequence(last), problem };
    last = { sequence: row.sequence, hash: row.hash };
    if (head?.sequence === row.sequence && head.hash !== row.hash) {
      return { ok: false, sequence: row.sequence, problem: `expected the known hash ${head.hash}, got ${row.hash}` };
    }
  }
  if (head !== undefined && (last?.sequence ?? 0n) < head.sequence) {
    return { ok: false, sequence: nextSequence(last), problem: `expected events up to ${head.sequence}` };
  }
  return { ok: true, head: last };
}

const nextSequence = (last: ChainHead | undefined): bigint => (last?.sequence ?? 0n) + 1n;

function problemOf(row: ChainRow, chain: string, last: ChainHead | undefined): string | undefined {
  const sequence = nextSequence(last);
  const previousHash = last?.hash ?? GENESIS_HASH;
  if (row.chain !== chain) return `expected chain ${chain}, got ${row.chain}`;
  if (row.sequence !== sequence) return `expected sequence ${sequence}, got ${row.sequence}`;
  if (row.previousHash !== previousHash) return `expected previous hash ${previousHash}, got ${row.previousHash}`;
  const hash = rehash(row);
  return row.hash === hash ? undefined : `expected hash ${hash}, got ${row.hash}`;
}

function rehash({ chain, sequence, previousHash, event }: ChainRow): string {
  try {
    return hashOf(chain, sequence, previousHash, canonicalJson(event));
  } catch (error) {
    return `none (${error instanceof Error ? error.message : error})`;
  }
}
