import { expect, test } from '@jest/globals';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import fc from 'fast-check';
import { checkedSignature } from '../signature.ts';
import { ecdsaDer } from './ecdsa-der.ts';

const ORDER = secp256k1.Point.Fn.ORDER;
const scalar = fc.oneof(
  fc.bigInt({ min: 1n, max: ORDER - 1n }),
  // Short ones, and those whose first bit would be read as a sign.
  fc.constantFrom(1n, 0x7fn, 0x80n, 0xffn, 1n << 247n, 1n << 248n, 1n << 255n, ORDER - 1n),
);

test('is the DER that noble writes of the same r and s, high or low', () => {
  fc.assert(
    fc.property(scalar, scalar, (r, s) => {
      const signature = new secp256k1.Signature(r, s);
      expect(Buffer.from(ecdsaDer(signature.toBytes('compact'))).toString('hex')).toBe(signature.toHex('der'));
    }),
  );
});

test('zeros are carried too: that they are no signature is for the core to say', () => {
  expect(Buffer.from(ecdsaDer(new Uint8Array(64))).toString('hex')).toBe('3006020100020100');
});

test.each([0, 63, 65])('%d bytes are left as they are, and the core refuses them', (length) => {
  const raw = new Uint8Array(length).fill(7);
  expect(ecdsaDer(raw)).toEqual(raw);
  const message = new Uint8Array(32);
  const publicKey = secp256k1.getPublicKey(new Uint8Array(32).fill(1));
  expect(() => checkedSignature('secp256k1', publicKey, message, ecdsaDer(raw))).toThrow(
    expect.objectContaining({ code: 'SIGNATURE_INVALID' }),
  );
});
