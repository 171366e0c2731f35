import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describePart } from '@countersign/dev/describe-part';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ALGORITHMS } from '../../testing/kms-under-test.ts';
import { refusal } from '../../testing/refusal.ts';
import { createSoftToken, type SoftToken } from '../../testing/soft-token.ts';
import type { Backend } from '../backend.ts';
import { CustodyError } from '../error.ts';
import type { Provider } from '../provider.ts';
import { checkedSignature } from '../signature.ts';
import type { Pkcs11Custody } from './find-key.ts';
import { openLibrary } from './library.ts';
import { createPkcs11Provider } from './provider.ts';
import type { Pkcs11Options } from './token.ts';

const soon = () => AbortSignal.timeout(25_000);
const MESSAGE = new Uint8Array(32).fill(7);
/** Never taken for down, and tried again at once. */
const EAGER = { circuit: { failures: 1_000_000, openMs: [1, 1] }, reopenMs: [0, 0] } as const;

describePart({ describe, test }, 'softhsm2', (part) => {
  let soft: SoftToken;
  const providers: Provider<Pkcs11Custody>[] = [];
  beforeEach(async () => {
    soft = await createSoftToken(part);
    for (const algorithm of ALGORITHMS) soft.makeKey({ label: algorithm, algorithm });
  });
  afterEach(async () => {
    await Promise.all(providers.splice(0).map((provider) => provider.close()));
    soft.remove();
  });

  const connect = (options: Partial<Pkcs11Options> = {}, onCircuit: (isOpen: boolean) => void = () => {}) => {
    const provider = createPkcs11Provider({ ...soft.options, ...EAGER, ...options }, {}, onCircuit);
    providers.push(provider);
    return provider;
  };
  const openBoth = async (provider = connect()): Promise<[Backend, Backend]> => [
    await provider.open({ label: 'ed25519' }, 'ed25519', soon()),
    await provider.open({ label: 'secp256k1' }, 'secp256k1', soon()),
  ];
  const codesOf = (attempts: CustodyError['attempts']) =>
    attempts.map(({ errorCode, outcome }) => errorCode ?? outcome);
  const sign = async (backend: Backend) => {
    const { signature, attempts } = await backend.sign(MESSAGE, soon());
    checkedSignature(backend.algorithm, backend.publicKey, MESSAGE, signature);
    return codesOf(attempts);
  };
  /** Asks until it is answered. */
  const eventually = async (backend: Backend): Promise<string[]> => {
    for (;;) {
      try {
        return await sign(backend);
      } catch (error) {
        if (!(error instanceof CustodyError) || error.code !== 'UNAVAILABLE') throw error;
        await pause(5);
      }
    }
  };

  test('all sessions closed by the token: they are opened and logged in again, once for all keys', async () => {
    const [one, other] = await openBoth();
    soft.closeAllSessions();
    expect(await sign(one)).toEqual(['CKR_SESSION_HANDLE_INVALID', 'succeeded']);
    expect(await sign(other)).toEqual(['succeeded']);
  });

  test('a login that has ended is made again, also where it ends before a key is looked for', async () => {
    const [one, other] = await openBoth();
    soft.logout();
    expect(await sign(one)).toEqual(['CKR_OBJECT_HANDLE_INVALID', 'succeeded']);
    soft.logout();
    expect(await sign(other)).toEqual(['CKR_USER_NOT_LOGGED_IN', 'succeeded']);
  });

  test.each([
    ['a token that is away', undefined],
    ['a library that does not start', 'with their folder'],
  ] as const)('%s while 64 are in flight: each is signed or unavailable; afterwards all are', async (_, how) => {
    const [backend] = await openBoth();
    const inFlight = Array.from({ length: 64 }, () => sign(backend));
    await Promise.race(inFlight);
    soft.moveAway('away', how);
    const settled = await Promise.allSettled([...inFlight, ...Array.from({ length: 64 }, () => sign(backend))]);
    const reasons = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(reasons.length).toBeGreaterThanOrEqual(64);
    for (const reason of reasons) expect(reason).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    soft.moveBack('away');
    await eventually(backend);
    expect(await Promise.all(Array.from({ length: 64 }, () => sign(backend)))).toEqual(Array(64).fill(['succeeded']));
  });

  test('a token that stays away is taken for down, and its keys are refused at once until it is back', async () => {
    const changes: boolean[] = [];
    const circuit = { failures: 3, openMs: [600, 600] } as const;
    const [one, other] = await openBoth(connect({ circuit }, (isOpen) => changes.push(isOpen)));
    soft.moveAway('away');
    const error = await refusal(one.sign(MESSAGE, soon()));
    expect(codesOf(error.attempts)).toEqual(['CKR_OBJECT_HANDLE_INVALID', ...Array(3).fill('TOKEN_NOT_FOUND')]);
    expect(await refusal(other.sign(MESSAGE, soon()))).toMatchObject({ code: 'UNAVAILABLE', attempts: [] });
    soft.moveBack('away');
    expect(await eventually(other)).toEqual(['succeeded']);
    expect(changes).toEqual([true, false]);
  });

  test('after an opening that has failed the token is left alone for a while', async () => {
    const [backend] = await openBoth(connect({ reopenMs: [60_000, 60_000] }));
    soft.moveAway('away');
    await refusal(backend.sign(MESSAGE, soon()));
    soft.moveBack('away');
    const error = await refusal(backend.sign(MESSAGE, soon()));
    expect(codesOf(error.attempts)).toEqual(Array(4).fill('TOKEN_NOT_FOUND'));
  });

  test('a token made anew, with another key of the same label, signs nothing; the old one back, it does', async () => {
    soft.moveAway('old');
    soft.addToken();
    soft.makeKey({ label: 'ed25519', algorithm: 'ed25519' });
    soft.moveAway('new');
    soft.moveBack('old');
    const [backend] = await openBoth();
    soft.moveAway('old');
    soft.moveBack('new');
    const error = await refusal(backend.sign(MESSAGE, soon()));
    expect(error).toMatchObject({ code: 'REFUSED', retryable: false });
    expect(codesOf(error.attempts)).toEqual(['CKR_OBJECT_HANDLE_INVALID', 'KEY_CHANGED']);
    expect(error.message).toContain(Buffer.from(backend.publicKey).toString('hex'));
    soft.moveAway('new');
    soft.moveBack('old');
    await expect(eventually(backend)).resolves.toContain('succeeded');
  });

  test('a key that was destroyed is refused, and the other keys of the token go on', async () => {
    const [one, other] = await openBoth();
    soft.destroyKeys('ed25519');
    const error = await refusal(one.sign(MESSAGE, soon()));
    expect(error.code).toBe('REFUSED');
    expect(codesOf(error.attempts)).toEqual(['CKR_OBJECT_HANDLE_INVALID', 'KEY_NOT_FOUND']);
    expect(await sign(other)).toEqual(['succeeded']);
  });

  test('a token whose PIN takes its time holds no thread meanwhile: its neighbour signs', async () => {
    soft.addToken('second');
    soft.makeKey({ label: 'neighbour', algorithm: 'ed25519' }, 'second');
    const slow = join(soft.folder, 'slow');
    const command = ['/bin/sh', '-c', 'while [ -e "$1" ]; do sleep 0.05; done; echo "$2"', 'pin', slow, soft.pin];
    const [backend] = await openBoth(connect({ pin: { command } }));
    const neighbour = await connect({ label: 'second' }).open({ label: 'neighbour' }, 'ed25519', soon());
    writeFileSync(slow, '');
    soft.closeAllSessions();
    const waiting = Promise.all(Array.from({ length: 4 }, () => sign(backend)));
    // The command is given up after ten seconds: before that the PIN has not been read.
    const { attempts } = await neighbour.sign(MESSAGE, AbortSignal.timeout(5_000));
    expect(codesOf(attempts)).toEqual(['succeeded']);
    rmSync(slow);
    expect((await waiting).map((codes) => codes.at(-1))).toEqual(Array(4).fill('succeeded'));
  });

  test('a PIN that cannot be read starts no library anew: its neighbour misses nothing', async () => {
    soft.addToken('second');
    soft.makeKey({ label: 'neighbour', algorithm: 'ed25519' }, 'second');
    const file = join(soft.folder, 'own-pin');
    writeFileSync(file, soft.pin, { mode: 0o600 });
    const [backend] = await openBoth(connect({ pin: { file } }));
    const library = await openLibrary(soft.options.module);
    try {
      const { epoch } = library;
      rmSync(file);
      soft.closeAllSessions();
      expect(codesOf((await refusal(backend.sign(MESSAGE, soon()))).attempts)).toContain('PIN_UNREADABLE');
      expect(library.epoch).toBe(epoch);
    } finally {
      await library.close();
    }
  });

  test('a library that two paths lead to is one: the token of the one goes on when the other lets go', async () => {
    const module = join(soft.folder, 'link.so');
    symlinkSync(soft.options.module, module);
    const first = connect();
    await openBoth(first);
    const [backend] = await openBoth(connect({ module }));
    await first.close();
    expect(await sign(backend)).toEqual(['succeeded']);
  });

  test('a token that was away is found by whoever opens it next, also by another who never had it', async () => {
    await openBoth();
    soft.closeAllSessions();
    soft.moveAway('away');
    const open = async (provider: Provider<Pkcs11Custody>) =>
      provider.open({ label: 'ed25519' }, 'ed25519', soon()).catch((error: CustodyError) => error.code);
    const other = connect();
    expect(await open(other)).toMatch(/MISCONFIGURED|UNAVAILABLE/);
    soft.moveBack('away');
    expect(await open(connect())).toMatchObject({ name: 'pkcs11' });
  });

  test('another token of the library, started anew for one that is gone, misses no signature', async () => {
    soft.addToken('second');
    soft.makeKey({ label: 'neighbour', algorithm: 'ed25519' }, 'second');
    const [backend] = await openBoth();
    const neighbour = await connect({ label: 'second' }).open({ label: 'neighbour' }, 'ed25519', soon());
    soft.deleteToken('countersign');
    const asked = Promise.all(Array.from({ length: 64 }, () => sign(neighbour)));
    expect(await refusal(backend.sign(MESSAGE, soon()))).toMatchObject({ code: 'UNAVAILABLE' });
    expect(await asked).toEqual(Array(64).fill(['succeeded']));
    expect(await sign(neighbour)).toEqual(['succeeded']);
  });
});
