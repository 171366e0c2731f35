import type { Recorded } from '../signing/recorded.ts';

/** Terms that a payout id is bound to for good; numbers as text. */
export interface BoundPayout {
  readonly lane: string;
  readonly keyId: string;
  readonly destination: string;
  readonly asset: string;
  readonly amount: string;
  /** `type:value`; null for none. */
  readonly memo: string | null;
}

/** A transaction that was reserved, and its signature once that is recorded. */
export interface ReservedTransaction {
  readonly lane: string;
  readonly purpose: string;
  /** Sorted. */
  readonly payoutIds: readonly string[];
  /** Hex: the public key that was pinned when it was reserved. */
  readonly publicKey: string;
  readonly recorded: Recorded | undefined;
}

/** Whose a lane is that carries one payout only. */
export interface SoleLane {
  readonly payoutId: string;
  /** Hex: the one authorization entry that may be signed on it; null on EVM. */
  readonly authorizationHash: string | null;
}

export interface NonceRow {
  /** The highest signed, plus one. */
  readonly next: bigint;
  /** The highest that was ever reported as the lowest not final. */
  readonly lowestOpen: bigint;
}

/** What counts against the windows of a measure: a payout of an asset, or the fee of a slot. */
export interface Charge {
  readonly amount: bigint;
  /** Microseconds of Unix time. */
  readonly at: bigint;
}

/** The sum of the charges that lie inside a window now. */
export interface Spent {
  readonly amount: bigint;
  readonly count: bigint;
}

/** Identifies a row by its columns; a NUL stands in none of them. */
export function rowKey(...columns: readonly (string | number)[]): string {
  return columns.join('\0');
}

/** The columns of a {@link rowKey}. */
export function columnsOf(key: string): string[] {
  return key.split('\0');
}

/**
 * All that Postgres holds of what a group of requests is about, read under the locks of their keys, and what they change in
 * it. Reservations of a group are decided one after the other in it, and it is written back whole.
 */
export interface Book {
  /** Microseconds of Unix time, by the database's clock, never before any earlier reading of these keys. */
  readonly now: bigint;
  /** Of the newest policy that any replica has accepted. */
  readonly policyVersion: bigint;
  /** Key id → why the key is frozen. */
  readonly frozen: ReadonlyMap<string, string>;
  /** caller, request id → hex. */
  readonly requests: Table<string>;
  /** key id, signing hash (hex). */
  readonly transactions: Table<ReservedTransaction>;
  /** lane. */
  readonly soleLanes: Table<SoleLane>;
  /** payout id. */
  readonly payouts: Table<BoundPayout>;
  /** chain, address in lower case. */
  readonly nonces: Table<NonceRow>;
  /** lane → how many envelopes were reserved around its authorization. */
  readonly envelopes: Table<bigint>;
  /** key id, measure, item. */
  readonly charges: Table<Charge>;
  /** key id, measure, seconds. */
  readonly spent: Table<Spent>;
}

/** Rows by {@link rowKey}, and which of them were put there since they were read. */
export class Table<Row> {
  readonly #rows: Map<string, Row>;
  readonly #changed = new Set<string>();

  constructor(rows: Iterable<readonly [string, Row]> = []) {
    this.#rows = new Map(rows);
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  set(key: string, row: Row): void {
    this.#rows.set(key, row);
    this.#changed.add(key);
  }

  /** Rows that have to be written, in the order of their keys, so that all writers take their locks in one order. */
  changed(): [string, Row][] {
    return [...this.#changed].sort().flatMap((key) => {
      const row = this.#rows.get(key);
      return row === undefined ? [] : [[key, row] satisfies [string, Row]];
    });
  }
}
