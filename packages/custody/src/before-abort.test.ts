import { expect, test } from '@jest/globals';
import { beforeAbort } from './before-abort.ts';

const never = new Promise<string>(() => undefined);

test('what comes before the signal is the answer, also an error', async () => {
  const { signal } = new AbortController();
  expect(await beforeAbort(Promise.resolve('answer'), signal)).toBe('answer');
  await expect(beforeAbort(Promise.reject(new Error('refused')), signal)).rejects.toThrow('refused');
});

test('nothing comes after it, whether it fires meanwhile or has fired before', async () => {
  const controller = new AbortController();
  const waiting = beforeAbort(never, controller.signal);
  controller.abort();
  expect(await waiting).toBeUndefined();
  expect(await beforeAbort(never, controller.signal)).toBeUndefined();
});
