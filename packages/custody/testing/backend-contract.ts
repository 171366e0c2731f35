import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import type { Algorithm, Backend, BackendAnswer } from '../src/backend.ts';
import { CustodyError } from '../src/error.ts';
import { checkedSignature } from '../src/signature.ts';
import { refusal } from './refusal.ts';
import { expectVerified, isHighS } from './textbook.ts';
import { TROUBLED, type Trouble, type UnfitKeys } from './trouble.ts';

/** What stands behind the backend that is tested; asked inside each test, when everything is open. */
export interface BackendUnderTest {
  readonly name: Backend['name'];
  readonly algorithm: Algorithm;
  /** Whether whoever signs names each of its answers. */
  readonly requestIds: boolean;
  backend(): Backend;
  /** The pinned key. */
  publicKey(): Uint8Array;
  /** How many calls have reached whoever signs; undefined where nobody counts. */
  calls(): number | undefined;
  readonly trouble?: Trouble;
  readonly unfit?: UnfitKeys;
}

/** The tests that every backend passes, over whatever it signs with. To be called inside a `describe`. */
export function testBackend({ name, algorithm, requestIds, trouble, unfit = {}, ...tested }: BackendUnderTest): void {
  const soon = () => AbortSignal.timeout(25_000);

  test('says what it is, and has the public key of its secret', () => {
    expect(tested.backend()).toMatchObject({ name, algorithm });
    expect(Buffer.from(tested.backend().publicKey)).toEqual(Buffer.from(tested.publicKey()));
  });

  test('signs a digest; OpenSSL verifies it, and the textbook recovers the key', async () => {
    for (let round = 0; round < 4; round++) {
      const preimage = randomBytes(40);
      const message = createHash('sha256').update(preimage).digest();
      const { signature: raw, attempts } = await tested.backend().sign(message, soon());
      const signature = checkedSignature(algorithm, tested.publicKey(), message, raw);
      expectVerified(algorithm, tested.publicKey(), preimage, message, signature);
      expect(attempts).toEqual([
        {
          backend: name,
          startedAt: expect.any(Date),
          durationMs: expect.any(Number),
          outcome: 'succeeded',
          ...(requestIds ? { requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) } : {}),
        },
      ]);
      expect(attempts[0]?.durationMs).toBeGreaterThan(0);
    }
  });

  test.each([0, 31, 33, 64])('a message of %d bytes is refused before anything is asked', async (bytes) => {
    const before = tested.calls();
    await expect(tested.backend().sign(new Uint8Array(bytes), soon())).rejects.toMatchObject({
      name: 'CustodyError',
      code: 'REFUSED',
      retryable: false,
      attempts: [],
      message: `message: expected 32 bytes, got ${bytes}`,
    } satisfies Partial<CustodyError>);
    expect(tested.calls()).toBe(before);
  });

  test('after its deadline it does not begin', async () => {
    const before = tested.calls();
    await expect(tested.backend().sign(new Uint8Array(32), AbortSignal.abort())).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
      attempts: [],
    });
    expect(tested.calls()).toBe(before);
  });

  test('64 in flight: each gets the signature of its own message, under one deadline', async () => {
    const deadline = soon();
    const messages = Array.from({ length: 64 }, () => randomBytes(32));
    const answers = await Promise.all(messages.map((message) => tested.backend().sign(message, deadline)));
    answers.forEach(({ signature, attempts }, index) => {
      const message = messages[index] ?? new Uint8Array();
      expect(() => checkedSignature(algorithm, tested.publicKey(), message, signature)).not.toThrow();
      expect(attempts).toHaveLength(1);
    });
    const ids = answers.flatMap(({ attempts }) => attempts.flatMap(({ requestId }) => requestId ?? []));
    expect(new Set(ids).size).toBe(requestIds ? 64 : 0);
  });

  for (const [what, open] of Object.entries(unfit)) {
    test(`a key that is ${WORDS[what] ?? what} stops the start`, async () => {
      await expect(open()).rejects.toMatchObject({ name: 'CustodyError', code: 'MISCONFIGURED' });
    });
  }

  if (trouble !== undefined) testTrouble(tested.backend, algorithm, trouble);
}

const WORDS: Readonly<Record<string, string>> = {
  ofAnotherCurve: 'of another curve',
  forAnotherUse: 'for another use',
  awaitingDeletion: 'awaiting its deletion',
};

function testTrouble(backend: () => Backend, algorithm: Algorithm, trouble: Trouble): void {
  afterEach(async () => {
    await trouble.calm();
    await signsAgain();
  });
  const sign = (signal = AbortSignal.timeout(25_000)) => backend().sign(TROUBLED, signal);
  const checked = (signature: Uint8Array) => checkedSignature(algorithm, backend().publicKey, TROUBLED, signature);
  /** Down or busy, it is asked again in a while, and then signs. */
  const signsAgain = async () => {
    for (;;) {
      try {
        return checked((await sign()).signature);
      } catch (error) {
        if (!(error instanceof CustodyError) || error.code !== 'UNAVAILABLE') throw error;
        await pause(20);
      }
    }
  };
  const each = (happens: (() => Promise<void> | void) | undefined, title: string, run: () => Promise<void>) => {
    if (happens === undefined) return;
    test(title, async () => {
      await happens();
      await run();
    });
  };

  each(
    trouble.busy,
    'a storm of throttling: every attempt is on record, and nobody takes it for a refusal',
    async () => {
      const error = await refusal(sign());
      expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
      expect(error.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'failed', 'failed']);
    },
  );
  each(
    trouble.busy,
    'a storm that ends under 64 in flight: each has its signature, or is told to ask again',
    async () => {
      const asked = Array.from({ length: 64 }, () => sign().catch((error: unknown) => error));
      await pause(60);
      await trouble.calm();
      for (const outcome of await Promise.all(asked)) {
        if (outcome instanceof CustodyError) expect(outcome.code).toBe('UNAVAILABLE');
        else checked((outcome as BackendAnswer).signature);
      }
    },
  );
  each(trouble.broken, 'a backend in trouble is unavailable', async () => {
    expect(await refusal(sign())).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  });
  each(trouble.away, 'a token that is pulled out under 8 in flight: each is signed, or told to ask again', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => sign(AbortSignal.timeout(2_000))));
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'UNAVAILABLE' });
      else checked(outcome.value.signature);
    }
  });
  each(trouble.silent, 'a hang past the deadline ends with the deadline', async () => {
    const start = performance.now();
    expect(await refusal(sign(AbortSignal.timeout(200)))).toMatchObject({
      code: 'UNAVAILABLE',
      attempts: [{ outcome: 'failed', errorCode: 'DEADLINE' }],
    });
    expect(performance.now() - start).toBeLessThan(10_000);
  });
  for (const kind of ['anotherKey', 'malformed'] as const) {
    each(
      trouble[kind],
      `a signature that is ${kind === 'malformed' ? 'cut short' : 'by another key'} goes nowhere`,
      async () => {
        const { signature } = await sign();
        expect(() => checked(signature)).toThrow(expect.objectContaining({ code: 'SIGNATURE_INVALID' }));
      },
    );
  }
  each(trouble.highS, 'a high S is made low', async () => {
    const { signature } = await sign();
    expect(isHighS(signature)).toBe(true);
    expect((checked(signature)[32] ?? 255) < 0x80).toBe(true);
  });
}
