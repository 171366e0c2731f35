import { type Book, rowKey, Table } from '../src/reservation/book.ts';

/** A table of a book by its name, as rows. */
type Rows = {
  readonly [Name in keyof Book]?: Book[Name] extends Table<infer Row> ? Iterable<readonly [string, Row]> : never;
};

export const NOW = 1_800_000_000_000_000n;

/** Seconds as the book counts time. */
export const seconds = (n: number | bigint): bigint => BigInt(n) * 1_000_000n;

/** A book with these rows and no others. */
export function bookWith(
  rows: Rows = {},
  { now = NOW, policyVersion = 1n, frozen = new Map() }: Partial<Pick<Book, 'now' | 'policyVersion' | 'frozen'>> = {},
): Book {
  return {
    now,
    policyVersion,
    frozen,
    requests: new Table(rows.requests),
    transactions: new Table(rows.transactions),
    soleLanes: new Table(rows.soleLanes),
    payouts: new Table(rows.payouts),
    nonces: new Table(rows.nonces),
    envelopes: new Table(rows.envelopes),
    charges: new Table(rows.charges),
    spent: new Table(rows.spent),
  };
}

/** A window that nothing is in yet, or this much. */
export function counter(keyId: string, measure: string, window: number, amount = 0n, count = 0n) {
  return [rowKey(keyId, measure, window), { amount, count }] as const;
}

/** Everything that was put into the book, by its table. */
export function changesIn(book: Book): Readonly<Record<string, readonly (readonly [string, unknown])[]>> {
  const tables = Object.entries(book).filter((entry): entry is [string, Table<unknown>] => entry[1] instanceof Table);
  return Object.fromEntries(tables.map(([name, table]) => [name, table.changed()]).filter(([, rows]) => rows?.length));
}
