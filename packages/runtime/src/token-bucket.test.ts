import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createTokenBucket } from './token-bucket.ts';

describe('createTokenBucket', () => {
  const takeAll = (bucket: { take(): boolean }): number => {
    let taken = 0;
    while (bucket.take()) taken++;
    return taken;
  };

  test('gives its burst at once, then its rate', () => {
    let now = 0;
    const bucket = createTokenBucket({ perSecond: 10, burst: 3 }, () => now);
    expect(takeAll(bucket)).toBe(3);
    now = 99;
    expect(bucket.take()).toBe(false);
    now = 100;
    expect(takeAll(bucket)).toBe(1);
  });

  test('never holds more than its burst, and is full again after a quiet time', () => {
    let now = 0;
    const bucket = createTokenBucket({ perSecond: 10, burst: 3 }, () => now);
    expect(bucket.isFull()).toBe(true);
    takeAll(bucket);
    now = 200;
    expect(bucket.isFull()).toBe(false);
    now = 1_000_000;
    expect(bucket.isFull()).toBe(true);
    expect(takeAll(bucket)).toBe(3);
  });

  test('over any time gives at most the burst and what the rate brings', () => {
    const steps = fc.array(fc.nat({ max: 500 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 20 }),
        (waits, perSecond, burst) => {
          let now = 0;
          const bucket = createTokenBucket({ perSecond, burst }, () => now);
          let taken = takeAll(bucket);
          for (const wait of waits) {
            now += wait;
            taken += takeAll(bucket);
          }
          expect(taken).toBeLessThanOrEqual(burst + (now / 1000) * perSecond + 1e-6);
        },
      ),
    );
  });
});
