import { setTimeout } from 'node:timers/promises';

/** Latencies in milliseconds, in no order. */
export type Latencies = readonly number[];

/**
 * Open loop: one call every 1/rate seconds, whether or not the ones before have come back, each timed from when it was due.
 * A slow server cannot hide behind a slow client.
 */
export async function openLoop(rate: number, calls: readonly (() => Promise<unknown>)[]): Promise<Latencies> {
  const start = performance.now() + 50;
  return Promise.all(
    calls.map(async (call, i) => {
      const due = start + (i * 1000) / rate;
      await setTimeout(due - performance.now());
      // Timers fire up to a millisecond early, too.
      const from = Math.min(due, performance.now());
      await call();
      return performance.now() - from;
    }),
  );
}

/** Closed loop: `inFlight` callers, each with its next call when the one before has come back. @returns calls a second. */
export async function closedLoop(inFlight: number, calls: readonly (() => Promise<unknown>)[]): Promise<number> {
  const queue = calls.values();
  const start = performance.now();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      for (const call of queue) await call();
    }),
  );
  return calls.length / ((performance.now() - start) / 1000);
}

export function percentile(latencies: Latencies, share: number): number {
  const sorted = latencies.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}
