import { describe, expect, test } from '@jest/globals';
import { type CallResult, withAttempts } from './attempts.ts';

const busy: CallResult<never> = { ok: false, errorCode: 'Busy', message: 'Busy: later', retryable: true };

describe('attempts', () => {
  test('the pauses between them double', async () => {
    const at: number[] = [];
    const call = async () => {
      at.push(performance.now());
      return busy;
    };
    const signal = AbortSignal.timeout(10_000);
    const asked = withAttempts('test', signal, call, { mostCalls: 4, pauseMs: [20, 20] });
    await expect(asked).rejects.toMatchObject({ code: 'UNAVAILABLE', message: 'test: Busy: later (attempts: 4)' });
    const pauses = at.slice(1).map((time, index) => time - (at[index] ?? 0));
    for (const [index, least] of [20, 40, 80].entries()) expect(pauses[index]).toBeGreaterThanOrEqual(least - 1);
  });

  test('a call that ignores its signal does not outlive it', async () => {
    const asked = withAttempts('test', AbortSignal.timeout(30), () => new Promise(() => undefined));
    await expect(asked).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: 'test: no answer before the deadline (attempts: 1)',
      attempts: [{ backend: 'test', outcome: 'failed', errorCode: 'DEADLINE' }],
    });
  });

  test('an error that is final ends it at once, with its cause', async () => {
    const cause = new Error('inside');
    const asked = withAttempts('test', AbortSignal.timeout(10_000), async () => ({ ...busy, retryable: false, cause }));
    await expect(asked).rejects.toMatchObject({ code: 'REFUSED', retryable: false, cause, attempts: [{}] });
  });
});
