import type { Of } from './recipe.ts';

export const MAX_NONCES_AHEAD = 16n;

interface Row {
  /** The highest reserved, plus one. */
  next: bigint;
  /** The highest that was reported as the lowest open one: at least, and at most. */
  least: bigint;
  most: bigint;
}

/** The nonces of each EVM key, all of which begin at 0. */
export class Nonces {
  readonly #rows = new Map<string, Row>();
  readonly #reserved = new Map<string, Set<bigint>>();

  next(keyId: string): bigint {
    return this.#row(keyId).next;
  }

  /** How it was before a round. */
  copy(): ReadonlyMap<string, Row> {
    return new Map([...this.#rows].map(([key, row]) => [key, { ...row }]));
  }

  reserve({ account, nonce, lowestOpen }: Of<'evm'>, before: bigint): void {
    const row = this.#row(account.keyId);
    row.next = max(row.next, nonce + 1n);
    // A report counts up to what was signed by then: at least what there was before, at most what there is by now.
    row.least = max(row.least, min(before, lowestOpen));
    row.most = max(row.most, lowestOpen);
    this.#reservedOf(account.keyId).add(nonce);
  }

  /** Nonces of a key that were left out. */
  gaps(keyId: string): bigint[] {
    const reserved = this.#reservedOf(keyId);
    const all = Array.from({ length: Number(this.next(keyId)) }, (_, i) => BigInt(i));
    return all.filter((nonce) => !reserved.has(nonce));
  }

  /** Whether it is beyond the window, however much was reported. */
  isBeyond({ account, nonce, lowestOpen }: Of<'evm'>): boolean {
    const { next, most } = this.#row(account.keyId);
    return nonce >= min(next, max(most, lowestOpen)) + MAX_NONCES_AHEAD;
  }

  row(keyId: string): Readonly<Row> {
    return this.#row(keyId);
  }

  #row(keyId: string): Row {
    const row = this.#rows.get(keyId) ?? { next: 0n, least: 0n, most: 0n };
    this.#rows.set(keyId, row);
    return row;
  }

  #reservedOf(keyId: string): Set<bigint> {
    const reserved = this.#reserved.get(keyId) ?? new Set();
    this.#reserved.set(keyId, reserved);
    return reserved;
  }
}

/** Why a nonce may be refused after what was reserved and reported by then, in the order in which the signer looks. */
export function nonceProblems(
  { nonce, lowestOpen }: Of<'evm'>,
  { next, least }: Pick<Row, 'next' | 'least'>,
): string[] {
  const open = max(least, min(next, lowestOpen));
  return [
    ...(nonce > next ? ['NONCE_OUT_OF_WINDOW NONCE_GAP'] : []),
    ...(nonce >= open + MAX_NONCES_AHEAD ? ['NONCE_OUT_OF_WINDOW NONCE_TOO_FAR_AHEAD'] : []),
  ];
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
