import { expect, test } from '@jest/globals';
import { batchSize } from './batch-size.ts';

test.each([
  [0n, 99],
  [1024n, 99],
  [1024n + 1008n, 99],
  [1024n + 1009n, 1],
  [1024n + 1023n, 1],
  [2048n, 99],
])('after number %i a batch has %i payments at most', (sequence, size) => {
  expect(batchSize(sequence)).toBe(size);
});
