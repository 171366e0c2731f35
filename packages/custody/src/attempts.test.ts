import { describe, expect, test } from '@jest/globals';
import { type CallResult, withAttempts } from './attempts.ts';
import { createCircuitBreaker } from './circuit-breaker.ts';
import { createQuota } from './quota.ts';

const busy: CallResult<never> = { ok: false, errorCode: 'Busy', message: 'Busy: later', retryable: true };

describe('attempts', () => {
  test('the pauses between them double', async () => {
    const at: number[] = [];
    const call = async () => {
      at.push(performance.now());
      return busy;
    };
    const signal = AbortSignal.timeout(10_000);
    const asked = withAttempts('test', signal, call, { retry: { mostCalls: 4, pauseMs: [20, 20] } });
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

  describe('behind a gate', () => {
    const down: CallResult<never> = { ...busy, down: true };
    const retry = { mostCalls: 4, pauseMs: [1, 1] } as const;
    const gateOf = (perSecond: number) => ({
      quota: createQuota({ perSecond, burst: 1 }),
      circuit: createCircuitBreaker({ failures: 2, openMs: [60_000, 60_000] }),
    });

    test('retries end when the backend is found to be down, and the next call is not made at all', async () => {
      const gate = gateOf(10_000);
      let calls = 0;
      const ask = () =>
        withAttempts(
          'test',
          AbortSignal.timeout(10_000),
          async () => {
            calls += 1;
            return down;
          },
          { retry, gate },
        );
      const message = (attempts: number) =>
        `test: it is down, and will be asked again in a while (attempts: ${attempts})`;
      await expect(ask()).rejects.toMatchObject({ code: 'UNAVAILABLE', message: message(2), attempts: [{}, {}] });
      await expect(ask()).rejects.toMatchObject({ code: 'UNAVAILABLE', message: message(0), attempts: [] });
      expect(calls).toBe(2);
    });

    test('a trial that throws ends, and the next one is let through', async () => {
      const circuit = createCircuitBreaker({ failures: 1, openMs: [0, 0] });
      const gate = { quota: createQuota({ perSecond: 10_000, burst: 1 }), circuit };
      const ask = (call: () => Promise<CallResult<never>>) =>
        withAttempts('test', AbortSignal.timeout(10_000), call, { retry: { ...retry, mostCalls: 1 }, gate });
      await expect(ask(async () => down)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      const thrown = new TypeError('against the contract');
      await expect(ask(() => Promise.reject(thrown))).rejects.toBe(thrown);
      expect(circuit.admits).toBe(true);
    });

    test('a call that failed before it was one leaves an open circuit as it is', async () => {
      const seen: boolean[] = [];
      const circuit = createCircuitBreaker({ failures: 1, openMs: [0, 0] }, (isOpen) => seen.push(isOpen));
      const gate = { quota: createQuota({ perSecond: 10_000, burst: 1 }), circuit };
      const ask = (result: CallResult<string>) =>
        withAttempts('test', AbortSignal.timeout(10_000), async () => result, {
          retry: { ...retry, mostCalls: 1 },
          gate,
        });
      await expect(ask(down)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await expect(ask({ ...busy, unasked: true })).rejects.toMatchObject({ code: 'UNAVAILABLE', attempts: [{}] });
      expect(seen).toEqual([true]);
      await ask({ ok: true, value: 'signed' });
      expect(seen).toEqual([true, false]);
    });

    test('a backend that is busy is not down', async () => {
      const gate = gateOf(10_000);
      await expect(
        withAttempts('test', AbortSignal.timeout(10_000), async () => busy, { retry, gate }),
      ).rejects.toMatchObject({ code: 'UNAVAILABLE', attempts: [{}, {}, {}, {}] });
      expect(gate.circuit.admits).toBe(true);
    });

    test('a quota that has no turn for anyone is a backend that is down, and nobody waits', async () => {
      const gate = { ...gateOf(1), quota: { take: async () => false } };
      const asked = withAttempts('test', AbortSignal.timeout(10_000), async () => busy, { retry, gate });
      await expect(asked).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: 'test: it is down, and will be asked again in a while (attempts: 0)',
        attempts: [],
      });
    });

    test('each attempt takes a turn of the quota; without one before the deadline nothing is called', async () => {
      const gate = gateOf(0.001);
      const asked = withAttempts('test', AbortSignal.timeout(50), async () => busy, { retry, gate });
      await expect(asked).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: 'test: no turn under the quota before the deadline (attempts: 1)',
        attempts: [{ errorCode: 'Busy' }],
      });
    });
  });
});
