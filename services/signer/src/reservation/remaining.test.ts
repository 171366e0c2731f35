import { expect, test } from '@jest/globals';
import { payout, STELLAR_KEY, stellarAsk, XLM } from '../../testing/asks.ts';
import { bookWith, counter } from '../../testing/books.ts';
import { remainingOf } from './remaining.ts';

const HOUR = 3_600;
const place = { key: STELLAR_KEY, measure: XLM, seconds: HOUR };

/** What a window has left that holds so much. */
function ratios(limits: { maxAmount?: bigint; maxCount?: bigint }, amount: bigint, count: bigint): number[] {
  const book = bookWith({ spent: [counter(STELLAR_KEY, XLM, HOUR, amount, count)] });
  const ask = stellarAsk([payout('a')], { windows: [{ seconds: HOUR, ...limits }] });
  return remainingOf(book, ask).map(({ ratio }) => ratio);
}

test('a window has left what its limit has room for, of the amount or of the count, whichever is less', () => {
  expect(ratios({ maxAmount: 100n }, 25n, 9n)).toEqual([0.75]);
  expect(ratios({ maxCount: 10n }, 25n, 9n)).toEqual([expect.closeTo(0.1)]);
  expect(ratios({ maxAmount: 100n, maxCount: 10n }, 25n, 5n)).toEqual([0.5]);
  expect(ratios({ maxAmount: 100n, maxCount: 10n }, 60n, 5n)).toEqual([0.4]);
});

test('a window that is full has nothing left, nor one that is more than full or has no room at all', () => {
  expect(ratios({ maxAmount: 100n }, 100n, 1n)).toEqual([0]);
  expect(ratios({ maxAmount: 100n }, 130n, 1n)).toEqual([0]);
  expect(ratios({ maxAmount: 0n }, 0n, 0n)).toEqual([0]);
});

test('each window is named by its key, its measure and its length; one that was not charged is left out', () => {
  const windows = [{ seconds: HOUR, maxAmount: 100n }];
  const feeWindows = [{ seconds: 60, maxAmount: 10n }];
  const ask = stellarAsk([payout('a')], { windows, feeWindows });
  const charged = [counter(STELLAR_KEY, XLM, HOUR, 50n, 1n), counter(STELLAR_KEY, 'fee', 60, 1n, 1n)];
  expect(remainingOf(bookWith({ spent: charged }), ask)).toEqual([
    { ...place, ratio: 0.5 },
    { key: STELLAR_KEY, measure: 'fee', seconds: 60, ratio: 0.9 },
  ]);
  expect(remainingOf(bookWith({ spent: charged.slice(0, 1) }), ask)).toEqual([{ ...place, ratio: 0.5 }]);
});
