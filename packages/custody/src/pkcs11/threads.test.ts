import { expect, test } from '@jest/globals';
import { threadPoolSize, threadsForCalls } from './threads.ts';

test.each([
  [undefined, 4],
  ['8', 8],
  [' 8 threads', 8],
  ['1024', 1024],
  ['1025', 1024],
  ['-1', 1024],
  ['0', 1],
  ['', 1],
  ['many', 1],
])('UV_THREADPOOL_SIZE %j is a pool of %d, as in libuv', (variable, size) => {
  expect(threadPoolSize(variable)).toBe(size);
});

test.each([
  [1, 1],
  [2, 1],
  [3, 1],
  [4, 2],
  [1024, 1022],
])('of %d threads %d are for calls', (size, calls) => {
  expect(threadsForCalls(size)).toBe(calls);
});
