import { describe, expect, test } from '@jest/globals';
import { keysSchema } from '../keys-config.ts';

// RFC 8032, section 7.1, test 1.
const public_key = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
const PLACE = { address: 'https://vault.example:8200', token_file: '/run/vault/token' };
const CUSTODY = { backend: 'vault-transit', vault: 'main', key: 'treasury' };

const parsed = (place: object, custody: object = {}) =>
  keysSchema.safeParse({
    keys: { treasury: { algorithm: 'ed25519', public_key, custodies: { kms: { ...CUSTODY, ...custody } } } },
    vaults: { main: { ...PLACE, ...place } },
  });

describe('a vault of KEYS_FILE', () => {
  test('needs an address and a token’s file, and has a mount and a rate all the same', () => {
    expect(parsed({}).data?.vaults).toEqual({ main: { ...PLACE, mount: 'transit', sign_per_second: 1_000 } });
  });

  test.each<[what: string, place: object]>([
    ['an address without a scheme', { address: 'vault.example:8200' }],
    ['an address with a path', { address: 'https://vault.example/v1' }],
    ['an address with a port that is none', { address: 'https://vault.example:99999' }],
    ['an address with a user', { address: 'https://user@vault.example' }],
    ['a mount that leads elsewhere', { mount: '../sys' }],
    ['a mount that begins with a slash', { mount: '/transit' }],
    ['a namespace with a line’s end', { namespace: 'team\r\nx: y' }],
    ['a token in place of its file', { token: 's.secret' }],
    ['no rate at all', { sign_per_second: 0 }],
  ])('is refused with %s', (_, place) => {
    expect(parsed(place).success).toBe(false);
  });
});

describe('a key in a vault', () => {
  test.each<[what: string, custody: object]>([
    ['a name and a version', { key: 'Treasury_stellar-1.2', version: 7 }],
    ['a name of one letter', { key: 'k' }],
  ])('may have %s', (_, custody) => {
    expect(parsed({}, custody).success).toBe(true);
  });

  test.each<[what: string, custody: object]>([
    ['a path for a name', { key: 'treasury/config' }],
    ['a query in its name', { key: 'treasury?version=2' }],
    ['dots for a name', { key: '..' }],
    ['version 0', { version: 0 }],
    ['a word of another backend', { variable: 'SEED' }],
  ])('is refused with %s', (_, custody) => {
    expect(parsed({}, custody).success).toBe(false);
  });
});
