import { describe, expect, test } from '@jest/globals';
import { waitUntil } from './wait-until.ts';

describe('waitUntil', () => {
  test('asks again after a no and after an error', async () => {
    const answers = [() => false, () => Promise.reject(new Error('refused')), () => true];
    await waitUntil('ready', async () => answers.shift()?.() ?? false);
    expect(answers).toEqual([]);
  });

  test('names what did not come, and keeps the last error', async () => {
    const never = waitUntil('the moon', () => Promise.reject(new Error('refused')), { timeoutMs: 50 });
    await expect(never).rejects.toMatchObject({
      message: 'the moon: not within 0.05 s',
      cause: expect.objectContaining({ message: 'refused' }),
    });
  });

  test('gives up with the signal’s reason', async () => {
    const controller = new AbortController();
    const waiting = waitUntil('the moon', () => false, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});
