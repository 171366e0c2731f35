import { describe, expect, test } from '@jest/globals';
import { feeDistribution } from './fee-stats.ts';

describe('fee distribution', () => {
  test('nearest-rank percentiles', () => {
    const fees = Array.from({ length: 200 }, (_, index) => BigInt(index + 1));
    const { percentiles, max, min, transactionCount, ledgerCount } = feeDistribution(fees, 7);
    expect({ max, min, transactionCount, ledgerCount }).toEqual({
      max: 200n,
      min: 1n,
      transactionCount: 200,
      ledgerCount: 7,
    });
    expect(percentiles).toEqual(
      [10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99].map((percent) => ({ percent, fee: BigInt(2 * percent) })),
    );
  });

  test('one fee is all of them', () => {
    const { percentiles, mode } = feeDistribution([100n], 1);
    expect(mode).toBe(100n);
    expect(percentiles.every(({ fee }) => fee === 100n)).toBe(true);
  });

  test('the mode is the most frequent, the lowest of several', () => {
    expect(feeDistribution([300n, 100n, 200n, 200n], 1).mode).toBe(200n);
    expect(feeDistribution([300n, 300n, 100n, 100n, 200n], 1).mode).toBe(100n);
  });
});
