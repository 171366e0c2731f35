import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { publicKeyFromSpki } from './public-key.ts';

const spkiOf = {
  ed25519: generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' }),
  secp256k1: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export({ format: 'der', type: 'spki' }),
};
const MISCONFIGURED = expect.objectContaining({ code: 'MISCONFIGURED' });

describe('a SubjectPublicKeyInfo', () => {
  test('of OpenSSL is read: 32 bytes, or 33 compressed', () => {
    expect(Buffer.from(publicKeyFromSpki('ed25519', spkiOf.ed25519))).toEqual(spkiOf.ed25519.subarray(-32));
    const key = publicKeyFromSpki('secp256k1', spkiOf.secp256k1);
    expect(Buffer.from(key.subarray(1))).toEqual(spkiOf.secp256k1.subarray(-64, -32));
    expect(key[0]).toBe(2 + ((spkiOf.secp256k1.at(-1) ?? 0) & 1));
  });

  test.each(['ed25519', 'secp256k1'] as const)(
    'of %s with a byte of its head changed, cut or added is refused',
    (algorithm) => {
      const spki = spkiOf[algorithm];
      const head = spki.length - (algorithm === 'ed25519' ? 32 : 64);
      fc.assert(
        fc.property(fc.nat(head - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
          const changed = new Uint8Array(spki);
          changed[at] = (changed[at] ?? 0) ^ change;
          expect(() => publicKeyFromSpki(algorithm, changed)).toThrow(MISCONFIGURED);
        }),
      );
      expect(() => publicKeyFromSpki(algorithm, spki.subarray(0, -1))).toThrow(MISCONFIGURED);
      expect(() => publicKeyFromSpki(algorithm, Buffer.concat([spki, Buffer.of(0)]))).toThrow(MISCONFIGURED);
      expect(() => publicKeyFromSpki(algorithm, new Uint8Array())).toThrow(MISCONFIGURED);
    },
  );

  test('of the other algorithm, or of P-256, is refused', () => {
    const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'der', type: 'spki' });
    for (const [algorithm, spki] of [
      ['ed25519', spkiOf.secp256k1],
      ['secp256k1', spkiOf.ed25519],
      ['secp256k1', p256],
    ] as const) {
      expect(() => publicKeyFromSpki(algorithm, spki)).toThrow(MISCONFIGURED);
    }
  });

  test('with a point that is not on the curve is refused', () => {
    const offCurve = Buffer.from(spkiOf.secp256k1);
    offCurve[87] = (offCurve[87] ?? 0) ^ 1;
    expect(() => publicKeyFromSpki('secp256k1', offCurve)).toThrow(MISCONFIGURED);
    const smallOrder = Buffer.concat([spkiOf.ed25519.subarray(0, 12), Buffer.from(`01${'00'.repeat(31)}`, 'hex')]);
    expect(() => publicKeyFromSpki('ed25519', smallOrder)).toThrow(MISCONFIGURED);
  });
});
