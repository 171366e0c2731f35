import { expect, test } from '@jest/globals';
import { createExportLag } from './export-lag.ts';

test('counts the events that a sink has not, and how old the oldest is', () => {
  let now = 0;
  const lag = createExportLag(() => now);
  expect([lag.events(), lag.seconds()]).toEqual([0n, 0]);
  lag.appended(3n);
  now = 2_000;
  lag.appended(5n);
  now = 5_000;
  expect([lag.events(), lag.seconds()]).toEqual([5n, 5]);
  lag.exported(2n);
  expect([lag.events(), lag.seconds()]).toEqual([3n, 5]);
  lag.exported(3n);
  expect([lag.events(), lag.seconds()]).toEqual([2n, 3]);
  lag.exported(5n);
  expect([lag.events(), lag.seconds()]).toEqual([0n, 0]);
});

test('an age is at most a second too much, never too little', () => {
  let now = 0;
  const lag = createExportLag(() => now);
  lag.appended(1n);
  now = 999;
  lag.appended(2n);
  lag.exported(1n);
  now = 1_999;
  expect(lag.seconds()).toBeGreaterThanOrEqual(1);
  expect(lag.seconds()).toBeLessThanOrEqual(2);
});

test('a sink may hear of an event before anybody says that it was appended', () => {
  const lag = createExportLag(() => 0);
  lag.exported(4n);
  lag.appended(4n);
  expect([lag.events(), lag.seconds()]).toEqual([0n, 0]);
});
