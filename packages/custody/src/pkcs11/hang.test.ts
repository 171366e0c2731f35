import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { describePart } from '@countersign/dev/describe-part';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createHangingHsm, type HangingHsm } from '../../testing/hanging-hsm.ts';
import { openDevKms } from '../../testing/kms-under-test.ts';
import { refusal } from '../../testing/refusal.ts';
import { createSoftToken, type SoftToken } from '../../testing/soft-token.ts';
import { openAwsKmsBackend } from '../aws-kms/aws-kms.ts';
import type { Backend } from '../backend.ts';
import { CustodyError } from '../error.ts';
import type { Provider } from '../provider.ts';
import { checkedSignature } from '../signature.ts';
import type { Pkcs11Custody } from './find-key.ts';
import { openLibrary } from './library.ts';
import { createPkcs11Provider } from './provider.ts';
import { threadPoolSize, threadsForCalls } from './threads.ts';
import type { Pkcs11Options } from './token.ts';

const soon = () => AbortSignal.timeout(25_000);
const MESSAGE = new Uint8Array(32).fill(7);
const AT_A_TIME = threadsForCalls(threadPoolSize(process.env['UV_THREADPOOL_SIZE']));

/** What it comes to while a call hangs: a test that waits for one would be ended with no word of why. */
async function soonOrNever<T>(promise: Promise<T>): Promise<T | 'never'> {
  const timer = new AbortController();
  const never = pause(10_000, 'never' as const, timer).catch(() => 'never' as const);
  try {
    return await Promise.race([promise, never]);
  } finally {
    timer.abort();
  }
}

describePart({ describe, test }, 'softhsm2', (part) => {
  let soft: SoftToken;
  let hsm: HangingHsm;
  let changes: boolean[];
  const providers: Provider<Pkcs11Custody>[] = [];
  beforeEach(async () => {
    soft = await createSoftToken(part);
    soft.makeKey({ label: 'ed25519', algorithm: 'ed25519' });
    hsm = createHangingHsm(part, soft.folder);
    changes = [];
  });
  afterEach(async () => {
    hsm.speak();
    await Promise.all(providers.splice(0).map((provider) => provider.close()));
    soft.remove();
  });

  const connect = (options: Partial<Pkcs11Options> = {}) => {
    const provider = createPkcs11Provider(
      { ...soft.options, module: hsm.module, attemptTimeoutMs: 50, reopenMs: [0, 0], ...options },
      {},
      (isOpen) => changes.push(isOpen),
    );
    providers.push(provider);
    return provider;
  };
  const open = (provider = connect()) => provider.open({ label: 'ed25519' }, 'ed25519', soon());
  const many = (backend: Backend, count: number) => Array.from({ length: count }, () => backend.sign(MESSAGE, soon()));
  const codesOf = ({ attempts }: CustodyError) => attempts.map(({ errorCode }) => errorCode);
  const eventually = async (backend: Backend) => {
    for (;;) {
      try {
        const { signature } = await backend.sign(MESSAGE, soon());
        return checkedSignature('ed25519', backend.publicKey, MESSAGE, signature);
      } catch (error) {
        if (!(error instanceof CustodyError) || error.code !== 'UNAVAILABLE') throw error;
        await pause(20);
      }
    }
  };

  test('calls that hang leave threads to the rest of the process, and to the keys of another backend', async () => {
    const kms = await openDevKms();
    const other = await openAwsKmsBackend(kms.signer, { key: 'alias/ed25519', algorithm: 'ed25519' }, soon());
    const backend = await open(connect({ sessions: 64 }));
    hsm.silence();
    const refused = await soonOrNever(Promise.all(many(backend, 64).map(refusal)));
    expect(refused).not.toBe('never');
    expect(await soonOrNever(readFile(new URL(import.meta.url)))).toBeInstanceOf(Buffer);
    expect(await soonOrNever(lookup('localhost'))).toMatchObject({ address: expect.any(String) });
    const { signature } = await other.sign(MESSAGE, soon());
    checkedSignature('ed25519', other.publicKey, MESSAGE, signature);
    await other.close();
    kms.signer.destroy();
    kms.operator.destroy();
    await kms.close();
  });

  test('one that outlives its attempt is a backend that is down; when all hang nobody queues, until they are answered', async () => {
    const backend = await open(connect({ circuit: { failures: 1_000, openMs: [200, 200] } }));
    hsm.silence();
    const refused = await Promise.all(many(backend, 16).map(refusal));
    for (const error of refused) {
      expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
      expect(new Set(codesOf(error))).not.toContain('DEADLINE');
    }
    // As many calls were made as there are threads for them, whoever made them.
    expect(refused.flatMap(codesOf)).toEqual(Array(Math.min(AT_A_TIME, 4)).fill('NO_ANSWER'));
    expect(changes).toEqual([true]);
    // Not even after the pause of the circuit.
    await pause(250);
    for (const error of await Promise.all(many(backend, 4).map(refusal))) {
      expect(error).toMatchObject({ code: 'UNAVAILABLE', attempts: [] });
      expect(error.message).toContain('it is down, and will be asked again in a while');
    }
    hsm.speak();
    await eventually(backend);
    expect(changes).toEqual([true, false]);
    await Promise.all(many(backend, 16));
  });

  test('enough calls that hang in a row open the circuit before they all do', async () => {
    const backend = await open(connect({ circuit: { failures: 1, openMs: [60_000, 60_000] } }));
    hsm.silence();
    expect(codesOf(await refusal(backend.sign(MESSAGE, soon())))).toEqual(['NO_ANSWER']);
    expect(changes).toEqual([true]);
  });

  test('the limit is one for all tokens of the process; who waits for a thread until the deadline has made no attempt', async () => {
    soft.addToken('second');
    soft.makeKey({ label: 'ed25519', algorithm: 'ed25519' }, 'second');
    const patient = { attemptTimeoutMs: 20_000, circuit: { failures: 1_000, openMs: [1, 1] } } as const;
    const one = await open(connect({ ...patient, sessions: AT_A_TIME }));
    const other = await open(connect({ ...patient, label: 'second' }));
    hsm.silence();
    const begun = many(one, AT_A_TIME);
    const waiting = await refusal(other.sign(MESSAGE, AbortSignal.timeout(100)));
    expect(waiting).toMatchObject({ code: 'UNAVAILABLE', attempts: [] });
    expect(waiting.message).toContain('no turn under the quota before the deadline');
    const next = other.sign(MESSAGE, soon());
    hsm.speak();
    for (const { attempts } of await Promise.all([...begun, next])) expect(attempts).toHaveLength(1);
  });

  test('a request whose call hangs makes no second one, which would take one more thread', async () => {
    const backend = await open(connect({ circuit: { failures: 1_000, openMs: [1, 1] } }));
    hsm.silence();
    const { code, retryable, attempts } = await refusal(backend.sign(MESSAGE, soon()));
    expect([code, retryable, attempts.map(({ errorCode }) => errorCode)]).toEqual(['UNAVAILABLE', true, ['NO_ANSWER']]);
  });

  test('closing does not wait for a call that hangs, and does not finalize the library under it', async () => {
    const provider = connect({ closeMs: 20 });
    const backend = await open(provider);
    const library = await openLibrary(hsm.module);
    const finalized = jest.spyOn(library.cryptoki, 'C_Finalize');
    try {
      hsm.silence();
      // The call goes on when nobody waits for it any more.
      expect(codesOf(await refusal(backend.sign(MESSAGE, soon())))).toContain('NO_ANSWER');
      await library.close(0);
      expect(await soonOrNever(provider.close())).toBeUndefined();
      expect(finalized).not.toHaveBeenCalled();
      hsm.speak();
      // Who comes back finds the library as it was left, and it ends with them.
      const again = connect();
      await eventually(await open(again));
      await again.close();
      expect(finalized).toHaveBeenCalledTimes(1);
    } finally {
      finalized.mockRestore();
    }
  });

  test('a library is not started anew under a call that hangs already, and nobody waits for that', async () => {
    const mostMs = 1_000;
    await open();
    const library = await openLibrary(hsm.module);
    const call = Promise.withResolvers<void>();
    const underWay = library.during(call.promise);
    try {
      await pause(mostMs + 50);
      const start = performance.now();
      await expect(library.restart(library.epoch, mostMs)).rejects.toMatchObject({ errorCode: 'CALL_HANGS' });
      expect(performance.now() - start).toBeLessThan(mostMs / 2);
    } finally {
      call.resolve();
      await underWay;
      await library.close();
    }
  });

  test('a token that is gone while a call hangs is not opened anew under it: that fails in time, and comes right', async () => {
    const backend = await open(connect({ circuit: { failures: 1, openMs: [500, 500] } }));
    const neighbour = await open(connect({ circuit: { failures: 1_000, openMs: [1, 1] } }));
    hsm.silence();
    expect(codesOf(await refusal(backend.sign(MESSAGE, soon())))).toEqual(['NO_ANSWER']);
    soft.closeAllSessions();
    soft.moveAway('away');
    const gone = await soonOrNever(refusal(neighbour.sign(MESSAGE, soon())));
    expect(gone).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    expect(gone === 'never' ? gone : codesOf(gone)).toContain('CALL_HANGS');
    soft.moveBack('away');
    hsm.speak();
    await eventually(neighbour);
    await eventually(backend);
  });
});
