import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Fees, type Market, openingFees, replacementFees } from './fees.ts';

const GWEI = 10n ** 9n;
const wei = fc.bigInt(0n, 1_000n * GWEI);
const market: fc.Arbitrary<Market> = fc.record({ baseFee: wei, tip: wei });

function isPayable({ maxFeePerGas, maxPriorityFeePerGas }: Fees, cap: bigint): boolean {
  return maxFeePerGas >= 1n && maxFeePerGas <= cap && maxPriorityFeePerGas <= maxFeePerGas;
}

describe('openingFees', () => {
  test('leave room for the base fee to double', () => {
    expect(openingFees({ baseFee: 20n * GWEI, tip: GWEI }, 500n * GWEI)).toEqual({
      maxFeePerGas: 41n * GWEI,
      maxPriorityFeePerGas: GWEI,
    });
  });

  test('are none where the base fee is near the cap', () => {
    expect(openingFees({ baseFee: 450n * GWEI, tip: GWEI }, 500n * GWEI)).toBeUndefined();
    expect(openingFees({ baseFee: 390n * GWEI, tip: GWEI }, 500n * GWEI)?.maxFeePerGas).toBe((4_000n * GWEI) / 9n);
  });

  test('can be raised once at least, however high the market is', () => {
    fc.assert(
      fc.property(market, fc.bigInt(GWEI, 1_000n * GWEI), (now, cap) => {
        const fees = openingFees(now, cap);
        if (fees !== undefined) expect(replacementFees(fees, now, cap)).toBeDefined();
      }),
    );
  });

  test('never exceed the cap, and pay at least one more block of rising base fee', () => {
    fc.assert(
      fc.property(market, fc.bigInt(1n, 1_000n * GWEI), (now, cap) => {
        const fees = openingFees(now, cap);
        if (fees === undefined) return;
        expect(isPayable(fees, cap)).toBe(true);
        expect(fees.maxFeePerGas * 8n).toBeGreaterThanOrEqual(now.baseFee * 9n);
      }),
    );
  });
});

describe('replacementFees', () => {
  test('raise both by an eighth, rounded up, at least by one wei', () => {
    const calm = { baseFee: 0n, tip: 0n };
    const before = { maxFeePerGas: 100n, maxPriorityFeePerGas: 0n };
    expect(replacementFees(before, calm, 500n)).toEqual({ maxFeePerGas: 113n, maxPriorityFeePerGas: 1n });
  });

  test('follow the market where it is higher', () => {
    const before = { maxFeePerGas: 10n * GWEI, maxPriorityFeePerGas: GWEI };
    expect(replacementFees(before, { baseFee: 30n * GWEI, tip: 2n * GWEI }, 500n * GWEI)).toEqual({
      maxFeePerGas: 62n * GWEI,
      maxPriorityFeePerGas: 2n * GWEI,
    });
  });

  test('always replace in every pool, and stay below the cap, or are none', () => {
    fc.assert(
      fc.property(market, market, fc.bigInt(1n, 1_000n * GWEI), (first, later, cap) => {
        let fees = openingFees(first, cap);
        for (let i = 0; i < 200 && fees !== undefined; i++) {
          const next = replacementFees(fees, later, cap);
          if (next === undefined) return;
          expect(isPayable(next, cap)).toBe(true);
          expect(next.maxFeePerGas * 8n).toBeGreaterThanOrEqual(fees.maxFeePerGas * 9n);
          expect(next.maxPriorityFeePerGas * 8n).toBeGreaterThanOrEqual(fees.maxPriorityFeePerGas * 9n);
          expect(next.maxPriorityFeePerGas).toBeGreaterThan(fees.maxPriorityFeePerGas);
          fees = next;
        }
      }),
    );
  });
});
