import { describe, expect, test } from '@jest/globals';
import { createQuota } from './quota.ts';

const never = () => new AbortController().signal;

describe('a quota', () => {
  test('gives turns at once while there are any, then one by one, first come, first served', async () => {
    const quota = createQuota({ perSecond: 50, burst: 2 });
    const start = performance.now();
    const served: [place: number, ms: number][] = [];
    await Promise.all(
      [0, 1, 2, 3, 4].map(async (place) => {
        expect(await quota.take(never())).toBe(true);
        served.push([place, performance.now() - start]);
      }),
    );
    expect(served.map(([place]) => place)).toEqual([0, 1, 2, 3, 4]);
    // Three turns beyond the burst, at 50 a second.
    expect(served[4]?.[1]).toBeGreaterThanOrEqual(55);
  });

  test('who gives up while waiting has no turn, and takes none from those behind', async () => {
    const quota = createQuota({ perSecond: 0.5, burst: 1 });
    await quota.take(never());
    const start = performance.now();
    const impatient = new AbortController();
    const first = quota.take(impatient.signal);
    const second = quota.take(never());
    impatient.abort();
    expect(await first).toBe(false);
    expect(await second).toBe(true);
    expect(performance.now() - start).toBeLessThan(3_900);
  });

  test('after its signal nobody has a turn', async () => {
    const quota = createQuota({ perSecond: 1, burst: 1 });
    expect(await quota.take(AbortSignal.abort())).toBe(false);
    expect(await quota.take(never())).toBe(true);
  });
});
