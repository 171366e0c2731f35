import type { Ask } from './ask.ts';
import { type Book, rowKey } from './book.ts';
import { itemsOf } from './charge.ts';

/** How much room a window has left, when something was charged to it. */
export interface Remaining {
  readonly key: string;
  /** CAIP-19 id, or `fee`. */
  readonly measure: string;
  readonly seconds: number;
  /** 0 to 1, of the amount or of the count, whichever is less. */
  readonly ratio: number;
}

/** Of every window that an ask was charged to, as the book has it now. */
export function remainingOf(book: Book, { proposal, policy }: Ask): Remaining[] {
  const key = proposal.key.id;
  return itemsOf({ proposal, policy }).flatMap(({ measure, windows }) =>
    windows.flatMap(({ seconds, maxAmount, maxCount }) => {
      const spent = book.spent.get(rowKey(key, measure, seconds));
      if (spent === undefined) return [];
      const ratio = Math.min(left(spent.amount, maxAmount), left(spent.count, maxCount));
      return [{ key, measure, seconds, ratio }];
    }),
  );
}

function left(spent: bigint, most: bigint | undefined): number {
  if (most === undefined) return 1;
  return most === 0n ? 0 : Math.max(0, 1 - Number(spent) / Number(most));
}
