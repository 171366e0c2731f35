import { describe, expect, test } from '@jest/globals';
import { assertKeys } from './assert-keys.ts';

// RFC 8032, section 7.1, tests 1 and 2; and the generator of secp256k1.
const ONE = {
  algorithm: 'ed25519',
  public_key: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
} as const;
const TWO = {
  algorithm: 'ed25519',
  public_key: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
} as const;
const EVM = {
  algorithm: 'secp256k1',
  public_key: '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798',
} as const;
const refused = (message: string) =>
  expect.objectContaining({ code: 'MISCONFIGURED', message: expect.stringContaining(message) });

describe('the keys of a file', () => {
  test('are each another one, and one at all', () => {
    expect(() => assertKeys({ one: ONE, two: TWO, evm: EVM })).not.toThrow();
    expect(() => assertKeys({ one: ONE, two: ONE })).toThrow(
      refused('key two: public_key: the same key is registered as one'),
    );
  });

  test.each([
    [
      'no point of its curve',
      { ...EVM, public_key: `02${'ff'.repeat(32)}` },
      'key k: secp256k1 public key: expected a point',
    ],
    ['one of small order', { ...ONE, public_key: '00'.repeat(32) }, 'key k: ed25519 public key: expected a point'],
    ['short', { ...ONE, public_key: 'ab' }, 'key k: ed25519 public key: expected 32 bytes'],
  ])('are refused when one is %s', (_, key, message) => {
    expect(() => assertKeys({ one: ONE, k: key })).toThrow(refused(message));
  });
});
