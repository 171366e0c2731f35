import { expect, test } from '@jest/globals';
import { createMetrics, latencyBuckets } from './metrics.ts';

test('a registry shows the process and what was built', async () => {
  const text = await createMetrics('signer').metrics();
  expect(text).toMatch(/^process_cpu_seconds_total /m);
  expect(text).toMatch(/^nodejs_eventloop_lag_seconds /m);
  expect(text).toMatch(/^countersign_build_info\{service="signer",version="\d+\.\d+\.\d+",node="\d+[\d.]+"\} 1$/m);
});

test('two registries of one process do not meet', async () => {
  const [a, b] = [createMetrics('a'), createMetrics('b')];
  expect(await a.metrics()).not.toContain('service="b"');
  expect(await b.metrics()).toContain('service="b"');
});

test('latency buckets rise from 0.5 ms to 30 s, with several below 10 ms', () => {
  expect(latencyBuckets[0]).toBe(0.0005);
  expect(latencyBuckets.at(-1)).toBe(30);
  expect(latencyBuckets).toEqual([...latencyBuckets].sort((a, b) => a - b));
  expect(new Set(latencyBuckets).size).toBe(latencyBuckets.length);
  expect(latencyBuckets.filter((bound) => bound < 0.01).length).toBeGreaterThan(5);
});
