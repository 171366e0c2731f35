import { describe, expect, test } from '@jest/globals';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import fc from 'fast-check';
import { bytesToHex, getAddress } from 'viem/utils';
import { refusedWith } from '../../testing/refused.ts';
import { evmAddress, parseEvmAddress } from './address.ts';

const ADDRESS = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
const key = secp256k1.getPublicKey(new Uint8Array(32).fill(1), false);

describe('an address', () => {
  test('is checksummed as viem does it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (bytes) => {
        expect(parseEvmAddress(bytesToHex(bytes))).toBe(getAddress(bytesToHex(bytes)));
      }),
    );
  });

  test('in one case is taken as it is', () => {
    expect(parseEvmAddress(ADDRESS.toLowerCase())).toBe(ADDRESS);
    expect(parseEvmAddress(`0x${ADDRESS.slice(2).toUpperCase()}`)).toBe(ADDRESS);
    expect(parseEvmAddress(ADDRESS)).toBe(ADDRESS);
  });

  test.each([
    [''],
    ['0x'],
    [ADDRESS.slice(2)],
    [`0X${ADDRESS.slice(2)}`],
    [`${ADDRESS}0`],
    [`${ADDRESS}\n`],
    [` ${ADDRESS}`],
    [ADDRESS.slice(0, -1)],
    [`${ADDRESS.slice(0, -1)}g`],
    [ADDRESS.replace('aA', 'Aa')],
    ['vitalik.eth'],
    [5n as never],
  ])('is not %j', (text) => {
    expect(refusedWith(() => parseEvmAddress(text))).toEqual({ code: 'INVALID_ADDRESS', field: 'address' });
  });
});

describe('a public key', () => {
  test('has one address, compressed or not', () => {
    const expected = '0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1';
    expect(evmAddress(key)).toBe(expected);
    expect(evmAddress(secp256k1.Point.fromBytes(key).toBytes(true))).toBe(expected);
  });

  test.each([
    ['empty', new Uint8Array()],
    ['64 bytes', key.slice(1)],
    ['off the curve', key.with(64, (key[64] ?? 0) ^ 1)],
    ['in the hybrid form', key.with(0, 6)],
    ['at infinity', new Uint8Array(1)],
    ['all zeros', new Uint8Array(33)],
    ['in hex', bytesToHex(key) as never],
    ['missing', undefined as never],
  ])('is not one when %s', (_name, bytes) => {
    expect(refusedWith(() => evmAddress(bytes))).toEqual({ code: 'INVALID_PUBLIC_KEY', field: 'publicKey' });
  });
});
