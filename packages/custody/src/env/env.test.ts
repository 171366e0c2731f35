import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CustodyError } from '../error.ts';
import { openEnvBackend } from './env.ts';

/** SEP-23's example of a seed, its 32 bytes, and their public key. */
const STRKEY = 'SBU2RRGLXH3E5CQHTD3ODLDF2BWDCYUSSBLLZ5GNW7JXHDIYKXZWHOKR';
const SEED = '69a8c4cbb9f64e8a0798f6e1ac65d06c31629290' + '56bcf4cdb7d3738d1855f363';
const SCALAR = 'c'.repeat(64);
const ORDER = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('a seed in the environment', () => {
  test('ed25519: a Stellar seed and its 64 hex digits are the same key', () => {
    const [strkey, digits, capitals] = [STRKEY, SEED, SEED.toUpperCase()].map((text) =>
      hex(openEnvBackend('ed25519', 'SEED', { SEED: text }).publicKey),
    );
    expect(digits).toBe(strkey);
    expect(capitals).toBe(strkey);
  });

  test('secp256k1: 64 hex digits, with and without 0x', () => {
    const [plain, prefixed] = [SCALAR, `0x${SCALAR}`].map((text) =>
      hex(openEnvBackend('secp256k1', 'SEED', { SEED: text }).publicKey),
    );
    expect(plain).toMatch(/^0[23][0-9a-f]{64}$/);
    expect(prefixed).toBe(plain);
  });

  test.each([
    ['ed25519', undefined],
    ['ed25519', ''],
    ['ed25519', SEED.slice(2)],
    ['ed25519', `0x${SEED}`],
    ['ed25519', ` ${SEED}`],
    ['ed25519', `${STRKEY.slice(0, -1)}S`],
    ['ed25519', STRKEY.toLowerCase()],
    ['ed25519', `G${STRKEY.slice(1)}`],
    ['ed25519', `ST${STRKEY.slice(2)}`],
    ['ed25519', `${STRKEY}A`],
    ['secp256k1', undefined],
    ['secp256k1', STRKEY],
    ['secp256k1', `0X${SCALAR}`],
    ['secp256k1', `${SCALAR}00`],
    ['secp256k1', '0'.repeat(64)],
    ['secp256k1', ORDER],
  ] as const)('%s %s: the variable is named, its value is not', (algorithm, text) => {
    const open = () => openEnvBackend(algorithm, 'TREASURY_SEED', { TREASURY_SEED: text });
    expect(open).toThrow(expect.objectContaining({ code: 'MISCONFIGURED', retryable: false }));
    expect(open).toThrow(/^TREASURY_SEED: expected /);
    if (text) expect(open).not.toThrow(text);
  });

  test('one letter of a Stellar seed changed is never another seed', () => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
    fc.assert(
      fc.property(fc.nat(55), fc.nat(31), (at, letter) => {
        const changed = STRKEY.slice(0, at) + letters[letter] + STRKEY.slice(at + 1);
        fc.pre(changed !== STRKEY);
        expect(() => openEnvBackend('ed25519', 'SEED', { SEED: changed })).toThrow(CustodyError);
      }),
    );
  });

  test.each([
    ['ed25519', SEED],
    ['secp256k1', SCALAR],
  ] as const)('a closed %s key is forgotten', async (algorithm, SEED) => {
    const backend = openEnvBackend(algorithm, 'SEED', { SEED });
    const message = randomBytes(32);
    const signal = AbortSignal.timeout(10_000);
    const { signature } = await backend.sign(message, signal);
    expect((await backend.sign(message, signal)).signature).toEqual(signature);
    await backend.close();
    await backend.close();
    await expect(backend.sign(message, signal)).rejects.toMatchObject({ code: 'REFUSED' });
  });
});
