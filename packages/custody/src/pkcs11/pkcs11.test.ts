import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describePart } from '@countersign/dev/describe-part';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { ALGORITHMS } from '../../testing/kms-under-test.ts';
import { refusal } from '../../testing/refusal.ts';
import { createSoftToken, type MadeKey, type SoftToken } from '../../testing/soft-token.ts';
import type { Provider } from '../provider.ts';
import { checkedSignature } from '../signature.ts';
import {
  CKA_ALWAYS_AUTHENTICATE,
  CKA_EXTRACTABLE,
  CKA_SENSITIVE,
  CKA_SIGN,
  CKF_USER_PIN_FINAL_TRY,
  CKF_USER_PIN_LOCKED,
} from './constants.ts';
import type { Pkcs11Custody } from './find-key.ts';
import { openLibrary } from './library.ts';
import { createPkcs11Provider } from './provider.ts';
import type { Pkcs11Options } from './token.ts';

const soon = () => AbortSignal.timeout(25_000);
const MESSAGE = new Uint8Array(32).fill(7);

describePart({ describe, test }, 'softhsm2', (part) => {
  let soft: SoftToken;
  let provider: Provider<Pkcs11Custody> | undefined;
  beforeAll(async () => {
    soft = await createSoftToken(part);
    for (const algorithm of ALGORITHMS) soft.makeKey({ label: algorithm, algorithm });
  });
  afterEach(() => provider?.close());
  afterAll(() => soft.remove());

  const connect = (options: Partial<Pkcs11Options> = {}) => {
    provider = createPkcs11Provider({ ...soft.options, ...options }, { PATH: process.env['PATH'] }, () => {});
    return provider;
  };
  const misconfigured = async (opening: Promise<unknown>) => {
    const error = await refusal(opening);
    expect(error).toMatchObject({ code: 'MISCONFIGURED', retryable: false });
    return error.message;
  };

  describe.each([1, 4, 8])('with %d sessions', (sessions) => {
    test.each(ALGORITHMS)('64 at a time are signed, each its own message: %s', async (algorithm) => {
      const backend = await connect({ sessions }).open({ label: algorithm }, algorithm, soon());
      const messages = Array.from({ length: 64 }, (_, index) => new Uint8Array(32).fill(index));
      const answers = await Promise.all(messages.map((message) => backend.sign(message, soon())));
      for (const [index, { signature, attempts }] of answers.entries()) {
        checkedSignature(algorithm, backend.publicKey, messages[index] ?? new Uint8Array(), signature);
        expect(attempts).toMatchObject([{ backend: 'pkcs11', outcome: 'succeeded' }]);
      }
    });
  });

  test('a signature whose deadline passes in the queue leaves no attempt, and holds nobody up', async () => {
    const backend = await connect({ sessions: 1 }).open({ label: 'ed25519' }, 'ed25519', soon());
    const deadline = new AbortController();
    const before = [backend.sign(MESSAGE, soon()), backend.sign(MESSAGE, soon())];
    const late = refusal(backend.sign(MESSAGE, deadline.signal));
    const after = backend.sign(MESSAGE, soon());
    deadline.abort();
    expect(await late).toMatchObject({ code: 'UNAVAILABLE', attempts: [] });
    for (const one of [...before, after]) expect((await one).attempts).toHaveLength(1);
  });

  describe('a key is refused', () => {
    const cases: readonly (readonly [string, MadeKey, string])[] = [
      [
        'that can be read out',
        { label: 'a', algorithm: 'ed25519', private: [{ type: CKA_EXTRACTABLE, value: true }] },
        'CKA_EXTRACTABLE: expected false, got true',
      ],
      [
        'whose value is not sensitive',
        { label: 'b', algorithm: 'secp256k1', private: [{ type: CKA_SENSITIVE, value: false }] },
        'CKA_SENSITIVE: expected true, got false',
      ],
      [
        'that may not sign',
        { label: 'c', algorithm: 'ed25519', private: [{ type: CKA_SIGN, value: false }] },
        'CKA_SIGN: expected true, got false',
      ],
      [
        'that wants the PIN for each signature',
        { label: 'g', algorithm: 'ed25519', private: [{ type: CKA_ALWAYS_AUTHENTICATE, value: true }] },
        'CKA_ALWAYS_AUTHENTICATE: expected false, got true',
      ],
      [
        'of another curve',
        { label: 'd', algorithm: 'secp256k1', p256: true },
        'CKA_EC_PARAMS: expected secp256k1 (06052b8104000a), got 06082a8648ce3d030107',
      ],
      [
        'without its public half',
        { label: 'e', algorithm: 'ed25519', without: 'public' },
        'public key: expected one with the label "e", got none',
      ],
      [
        'without its private half',
        { label: 'f', algorithm: 'ed25519', without: 'private' },
        'private key: expected one with the label "f", got none',
      ],
    ];
    test.each(cases)('%s', async (_, key, message) => {
      soft.makeKey(key);
      expect(await misconfigured(connect().open(key, key.algorithm, soon()))).toBe(`pkcs11: ${message} (attempts: 1)`);
    });

    test.each([
      ['ed25519', 'secp256k1', 'CKA_KEY_TYPE: expected CKK_EC, got CKK_EC_EDWARDS'],
      ['secp256k1', 'ed25519', 'CKA_KEY_TYPE: expected CKK_EC_EDWARDS, got CKK_EC'],
    ] as const)('%s where %s is expected', async (label, algorithm, message) => {
      expect(await misconfigured(connect().open({ label }, algorithm, soon()))).toContain(message);
    });

    test('that is not there', async () => {
      const opening = connect().open({ label: 'nobody', id: '0a' }, 'ed25519', soon());
      expect(await misconfigured(opening)).toContain(
        'private key: expected one with the label "nobody" and the id 0a, got none',
      );
    });
  });

  test('a token that does not know CKA_ALWAYS_AUTHENTICATE has no key that wants the PIN for each signature', async () => {
    const library = await openLibrary(soft.options.module);
    const read = library.cryptoki.C_GetAttributeValue.bind(library.cryptoki);
    const spy = jest.spyOn(library.cryptoki, 'C_GetAttributeValue').mockImplementation((session, key, template) => {
      if (template.some(({ type }) => type === CKA_ALWAYS_AUTHENTICATE))
        throw new Error('CKR_ATTRIBUTE_TYPE_INVALID:18');
      return read(session, key, template);
    });
    try {
      const backend = await connect().open({ label: 'ed25519' }, 'ed25519', soon());
      expect((await backend.sign(MESSAGE, soon())).attempts).toHaveLength(1);
    } finally {
      spy.mockRestore();
      await library.close();
    }
  });

  test.each(ALGORITHMS)(
    'an answer of a wrong length is on record, and for the core to refuse: %s',
    async (algorithm) => {
      const library = await openLibrary(soft.options.module);
      const sign = library.cryptoki.C_SignAsync.bind(library.cryptoki);
      const spy = jest
        .spyOn(library.cryptoki, 'C_SignAsync')
        .mockImplementation(async (...asked) => (await sign(...asked)).subarray(0, 63));
      try {
        const backend = await connect().open({ label: algorithm }, algorithm, soon());
        const { signature, attempts } = await backend.sign(MESSAGE, soon());
        expect(attempts).toMatchObject([{ backend: 'pkcs11', outcome: 'succeeded' }]);
        expect(() => checkedSignature(algorithm, backend.publicKey, MESSAGE, signature)).toThrow(
          expect.objectContaining({ code: 'SIGNATURE_INVALID' }),
        );
      } finally {
        spy.mockRestore();
        await library.close();
      }
    },
  );

  test('of two keys with one label the id tells which; without it neither is taken', async () => {
    for (const id of ['0a', '0b']) soft.makeKey({ label: 'twins', algorithm: 'ed25519', id });
    const place = connect();
    const opening = place.open({ label: 'twins' }, 'ed25519', soon());
    expect(await misconfigured(opening)).toContain('private key: expected one with the label "twins", got more');
    const [one, other] = await Promise.all(
      ['0a', '0b'].map((id) => place.open({ label: 'twins', id }, 'ed25519', soon())),
    );
    expect(one?.publicKey).not.toEqual(other?.publicKey);
  });

  describe('the token', () => {
    test('that is not there is told with those that are', async () => {
      const opening = connect({ label: 'elsewhere' }).open({ label: 'ed25519' }, 'ed25519', soon());
      expect(await misconfigured(opening)).toContain(
        'token: expected one with the label "elsewhere", got "countersign"',
      );
    });

    test('has to be the only one of its label', async () => {
      for (const _ of ['one', 'two']) soft.addToken('double');
      const opening = connect({ label: 'double' }).open({ label: 'ed25519' }, 'ed25519', soon());
      expect(await misconfigured(opening)).toMatch(/label "double", got .*"double", .*"double"/);
    });

    test.each([
      ['/nowhere/pkcs11.so', 'no file /nowhere/pkcs11.so'],
      ['/etc/hostname', '/etc/hostname, which cannot be loaded: /etc/hostname: '],
    ])('is reached by a library, and not by %s', async (module, got) => {
      const opening = connect({ module }).open({ label: 'ed25519' }, 'ed25519', soon());
      expect(await misconfigured(opening)).toContain(`pkcs11: module: expected a PKCS#11 library, got ${got}`);
    });

    test('is let go of by one, and stays with another', async () => {
      const other = connect();
      const backend = await other.open({ label: 'ed25519' }, 'ed25519', soon());
      const mine = connect();
      await mine.open({ label: 'secp256k1' }, 'secp256k1', soon());
      await mine.close();
      expect((await backend.sign(MESSAGE, soon())).attempts).toHaveLength(1);
      await other.close();
      expect(await refusal(backend.sign(MESSAGE, soon()))).toMatchObject({
        code: 'REFUSED',
        attempts: [{ errorCode: 'TOKEN_CLOSED' }],
      });
    });
  });

  describe('the PIN', () => {
    /** A command that writes down that it was run, and prints what the file says. */
    const counted = (pin: string) => {
      const [log, source] = [join(soft.folder, 'asked'), join(soft.folder, 'printed')];
      writeFileSync(log, '');
      writeFileSync(source, pin);
      const script = 'echo asked >>"$1"; cat "$2"';
      return {
        pin: { command: ['/bin/sh', '-c', script, 'pin', log, source] },
        change: (to: string) => writeFileSync(source, to),
        times: () => readFileSync(log, 'utf8').split('\n').length - 1,
      };
    };

    test('comes from a command as well as from a file, once for all keys and sessions', async () => {
      const source = counted(soft.pin);
      const place = connect({ pin: source.pin });
      const backends = await Promise.all(ALGORITHMS.map((one) => place.open({ label: one }, one, soon())));
      for (const backend of backends) await backend.sign(MESSAGE, soon());
      expect(source.times()).toBe(1);
    });

    test('that is wrong is tried once, however many keys ask, and is not told', async () => {
      const source = counted('271828');
      const place = connect({ pin: source.pin, reopenMs: [0, 0] });
      const opening = () => ALGORITHMS.map((one) => misconfigured(place.open({ label: one }, one, soon())));
      for (const message of [...(await Promise.all(opening())), ...(await Promise.all(opening()))]) {
        expect(message).toContain('CKR_PIN_INCORRECT: no login is tried again until the next start');
        expect(message).not.toContain('271828');
      }
      expect(source.times()).toBe(1);
    });

    test('that turns wrong while the signer runs is refused for good, after one try', async () => {
      const source = counted(soft.pin);
      const backend = await connect({ pin: source.pin, reopenMs: [0, 0] }).open(
        { label: 'ed25519' },
        'ed25519',
        soon(),
      );
      source.change('271828');
      soft.closeAllSessions();
      expect(await refusal(backend.sign(MESSAGE, soon()))).toMatchObject({
        code: 'REFUSED',
        attempts: [{ errorCode: 'CKR_SESSION_HANDLE_INVALID' }, { errorCode: 'CKR_PIN_INCORRECT' }],
      });
      source.change(soft.pin);
      expect(await refusal(backend.sign(MESSAGE, soon()))).toMatchObject({
        code: 'REFUSED',
        attempts: [{ errorCode: 'CKR_PIN_INCORRECT' }],
      });
      expect(source.times()).toBe(2);
    });

    test.each([
      [
        'that locks the token if it is wrong',
        CKF_USER_PIN_FINAL_TRY,
        'one more wrong one locks the token',
        'log in once',
      ],
      ['that is locked', CKF_USER_PIN_LOCKED, 'the token has locked it', 'security officer'],
    ])('%s is not tried, however often keys ask, and it is said what to do', async (_, flag, why, what) => {
      const library = await openLibrary(soft.options.module);
      const { cryptoki } = library;
      const tokenInfo = cryptoki.C_GetTokenInfo.bind(cryptoki);
      const flagged = jest.spyOn(cryptoki, 'C_GetTokenInfo').mockImplementation((slot) => {
        const info = tokenInfo(slot);
        return { ...info, flags: info.flags | flag };
      });
      const login = jest.spyOn(cryptoki, 'C_Login');
      const place = connect({ reopenMs: [0, 0] });
      try {
        for (const algorithm of ALGORITHMS) {
          const message = await misconfigured(place.open({ label: algorithm }, algorithm, soon()));
          expect(message).toContain(why);
          expect(message).toContain(what);
        }
        flagged.mockRestore();
        // Within a process it is final, as a PIN that was refused.
        expect(await misconfigured(place.open({ label: 'ed25519' }, 'ed25519', soon()))).toContain(why);
        expect(login).not.toHaveBeenCalled();
      } finally {
        jest.restoreAllMocks();
        await library.close();
      }
    });

    test('in a file that others may read stops the start; later it is waited for', async () => {
      const file = join(soft.folder, 'shared-pin');
      writeFileSync(file, soft.pin, { mode: 0o644 });
      const place = connect({ pin: { file }, reopenMs: [0, 0] });
      const open = () => place.open({ label: 'ed25519' }, 'ed25519', soon());
      expect(await misconfigured(open())).toContain(`${file}: other users may read or write the file`);
      chmodSync(file, 0o600);
      const backend = await open();
      chmodSync(file, 0o644);
      soft.closeAllSessions();
      expect(await refusal(backend.sign(MESSAGE, soon()))).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
      chmodSync(file, 0o600);
      await backend.sign(MESSAGE, soon());
    });
  });
});
