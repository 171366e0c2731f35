import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { Algorithm, Backend } from '../src/backend.ts';
import type { CustodyError } from '../src/error.ts';
import { checkedSignature } from '../src/signature.ts';
import { expectVerified } from './textbook.ts';

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
}

/** The tests that every backend passes, over whatever it signs with. To be called inside a `describe`. */
export function testBackend({ name, algorithm, requestIds, ...tested }: BackendUnderTest): void {
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
}
