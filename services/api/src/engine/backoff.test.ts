import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { backoffMs } from './backoff.ts';

const range = { first: 250, longest: 15_000 };

describe('backoffMs', () => {
  test('doubles up to the longest', () => {
    expect([1, 2, 3, 6, 7, 1_000_000].map((failures) => backoffMs(failures, range, 1))).toEqual([
      250, 500, 1_000, 8_000, 15_000, 15_000,
    ]);
  });

  test('leaves half of it to chance', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (failures, random) => {
          const wait = backoffMs(failures, range, random);
          const most = backoffMs(failures, range, 1);
          expect(wait).toBeGreaterThanOrEqual(most / 2);
          expect(wait).toBeLessThanOrEqual(most);
        },
      ),
    );
  });
});
