import { describe, expect, test } from '@jest/globals';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { SECRETS } from '../../testing/kms-under-test.ts';
import { publicKeyFromPoint } from './ec-point.ts';

const bytes = (hex: string) => Buffer.from(hex, 'hex');
const read = (algorithm: 'ed25519' | 'secp256k1', value: Uint8Array) =>
  Buffer.from(publicKeyFromPoint(algorithm, value)).toString('hex');

test('an Ed25519 key stands there as it is, or in an OCTET STRING', () => {
  const key = SECRETS.ed25519.public;
  expect(read('ed25519', bytes(key))).toBe(key);
  expect(read('ed25519', bytes(`0420${key}`))).toBe(key);
});

test('a secp256k1 key stands there compressed or not, as it is or in an OCTET STRING', () => {
  const key = SECRETS.secp256k1.public;
  const long = secp256k1.Point.fromHex(key).toHex(false);
  for (const value of [key, long, `0421${key}`, `0441${long}`]) expect(read('secp256k1', bytes(value))).toBe(key);
});

describe('refused is', () => {
  test.each([
    ['nothing', ''],
    ['an OCTET STRING that is cut off', `0420${SECRETS.ed25519.public.slice(2)}`],
    ['another tag', `0320${SECRETS.ed25519.public}`],
    ['bytes behind it', `0420${SECRETS.ed25519.public}00`],
    ['a point of small order', '00'.repeat(32)],
  ])('for ed25519: %s', (_, value) => {
    expect(() => read('ed25519', bytes(value))).toThrow(expect.objectContaining({ code: 'MISCONFIGURED' }));
  });

  test.each([
    ['nothing', ''],
    ['a point that is not on the curve', `0441${'04'.padEnd(130, '1')}`],
    ['an Ed25519 key', `0420${SECRETS.ed25519.public}`],
  ])('for secp256k1: %s', (_, value) => {
    expect(() => read('secp256k1', bytes(value))).toThrow(expect.objectContaining({ code: 'MISCONFIGURED' }));
  });
});
