import { CountersignError } from '@countersign/contract/errors';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { payout, STELLAR_KEY, stellarAsk, XLM } from '../../testing/asks.ts';
import { bookWith, NOW, seconds } from '../../testing/books.ts';
import type { Ask } from './ask.ts';
import { type Charge, columnsOf, rowKey, type Spent } from './book.ts';
import { FEE } from './charge.ts';
import { reserve } from './reserve.ts';

const LENGTHS = [1, 7, 60];

interface Counter extends Spent {
  readonly sweptUntil: bigint;
}

/** What Postgres keeps, and what a look at it gives: the sums as they were kept, less what has grown too old since. */
class Kept {
  readonly charges = new Map<string, Charge>();
  readonly #counters = new Map<string, Counter>();

  bookAt(now: bigint) {
    const spent = [XLM, FEE].flatMap((measure) =>
      LENGTHS.map((length) => [rowKey(STELLAR_KEY, measure, length), this.#swept(measure, length, now)] as const),
    );
    return bookWith({ charges: this.charges, spent }, { now });
  }

  write(book: ReturnType<typeof bookWith>): void {
    for (const [key, charge] of book.charges.changed()) this.charges.set(key, charge);
    for (const [key, spent] of book.spent.changed()) {
      const [, , length = ''] = columnsOf(key);
      this.#counters.set(key, { ...spent, sweptUntil: book.now - seconds(BigInt(length)) });
    }
  }

  #swept(measure: string, length: number, now: bigint): Spent {
    const counter = this.#counters.get(rowKey(STELLAR_KEY, measure, length));
    const from = now - seconds(length);
    if (counter === undefined) return sumOf(this.charges, measure, (at) => at > from);
    const old = sumOf(this.charges, measure, (at) => at > counter.sweptUntil && at <= from);
    return { amount: counter.amount - old.amount, count: counter.count - old.count };
  }
}

function sumOf(charges: ReadonlyMap<string, Charge>, measure: string, isInside: (at: bigint) => boolean): Spent {
  const inside = [...charges].filter(([key, { at }]) => columnsOf(key)[1] === measure && isInside(at));
  return { amount: inside.reduce((sum, [, { amount }]) => sum + amount, 0n), count: BigInt(inside.length) };
}

const windows = fc.uniqueArray(
  // As a fee budget its count is no limit.
  fc.record({ seconds: fc.constantFrom(...LENGTHS), maxAmount: fc.bigInt(0n, 60n), maxCount: fc.bigInt(0n, 8n) }),
  { selector: (window) => window.seconds, maxLength: 3 },
);

const steps = fc.array(
  fc.record({
    // Whole seconds and odd microseconds: the edges of windows are hit, and passed by one.
    later: fc.oneof(fc.constantFrom(0n, 1n, seconds(1), seconds(7), seconds(60)), fc.bigInt(0n, seconds(20))),
    payouts: fc.uniqueArray(fc.nat(6), { minLength: 1, maxLength: 3 }),
    sequence: fc.bigInt(1n, 5n),
    fee: fc.bigInt(0n, 20n),
    sameGroup: fc.boolean(),
  }),
  { maxLength: 40 },
);

test('the sums as they are kept are what lies in each window at each look, and a grant never exceeds a window', () => {
  fc.assert(
    fc.property(windows, windows, steps, (ofAmounts, ofFees, steps) => {
      const kept = new Kept();
      const truth = new Map<string, Charge>();
      let now = NOW;
      let book = kept.bookAt(now);
      for (const { later, payouts, sequence, fee, sameGroup } of steps) {
        if (!sameGroup) {
          kept.write(book);
          now += later;
          book = kept.bookAt(now);
        }
        // Amounts follow from the payout: they are bound with it.
        const declared = payouts.map((n) => payout(`po_${n}`, { amount: BigInt(n * 3 + 1) }));
        const ask = stellarAsk(declared, { windows: ofAmounts, feeWindows: ofFees, sequence, fee });
        const isGranted = granted(book, ask);
        if (isGranted) {
          for (const { payoutId, amount } of declared)
            truth.set(rowKey(STELLAR_KEY, XLM, payoutId), { amount, at: now });
          const slot = rowKey(STELLAR_KEY, FEE, `stellar:testnet:CHANNEL:${sequence}`);
          const before = truth.get(slot)?.amount ?? 0n;
          truth.set(slot, { amount: before > fee ? before : fee, at: now });
        }
        for (const [measure, limited] of [
          [XLM, ofAmounts],
          [FEE, ofFees],
        ] as const) {
          for (const { seconds: length, maxAmount, maxCount } of limited) {
            const inside = sumOf(truth, measure, (at) => at > now - seconds(length));
            expect(book.spent.get(rowKey(STELLAR_KEY, measure, length))).toEqual(inside);
            if (isGranted)
              expect(inside.amount <= maxAmount && (measure === FEE || inside.count <= maxCount)).toBe(true);
          }
        }
      }
    }),
    { numRuns: 500 },
  );
});

/** Whether it was granted. A limit over time is the only reason against it here. */
function granted(book: ReturnType<typeof bookWith>, ask: Ask): boolean {
  try {
    reserve(book, ask);
    return true;
  } catch (error) {
    if (error instanceof CountersignError && error.code === 'LIMIT_REACHED') return false;
    throw error;
  }
}
