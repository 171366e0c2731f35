import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { refusedWith } from '../testing/refused.ts';
import { evmChainId, nativeAsset, parseAssetId, stellarChainId } from './caip.ts';

const Networks = {
  PUBLIC: 'Public Global Stellar Network ; September 2015',
  TESTNET: 'Test SDF Network ; September 2015',
  FUTURENET: 'Test SDF Future Network ; October 2022',
  STANDALONE: 'Standalone Network ; February 2017',
};
const digest = (passphrase: string) => createHash('sha256').update(passphrase).digest('hex').slice(0, 32);

describe('a Stellar chain id', () => {
  test.each([
    [Networks.PUBLIC, 'stellar:pubnet'],
    [Networks.TESTNET, 'stellar:testnet'],
    [Networks.FUTURENET, 'stellar:futurenet'],
    [Networks.STANDALONE, 'stellar:standalone'],
  ])('of %j is %s', (passphrase, id) => {
    expect(stellarChainId(passphrase)).toBe(id);
  });

  test('of any other passphrase is its digest', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (passphrase) => {
        expect(stellarChainId(passphrase)).toBe(`stellar:${digest(passphrase)}`);
      }),
    );
    expect(stellarChainId(`${Networks.PUBLIC} `)).toBe(`stellar:${digest(`${Networks.PUBLIC} `)}`);
  });
});

describe('an EVM chain id', () => {
  test('goes from 1 to the bound of EIP-2294', () => {
    expect(evmChainId(1n)).toBe('eip155:1');
    expect(evmChainId(9_223_372_036_854_775_771n)).toBe('eip155:9223372036854775771');
  });

  test.each([[0n], [-1n], [9_223_372_036_854_775_772n], [1 as never]])('is not %s', (id) => {
    expect(refusedWith(() => evmChainId(id))).toEqual({ code: 'INVALID_CHAIN_ID', field: 'chainId' });
  });
});

describe('an asset id', () => {
  test('of a native asset reads back', () => {
    const stellar = fc.string({ minLength: 1 }).map((passphrase) => stellarChainId(passphrase));
    const evm = fc.bigInt({ min: 1n, max: 9_223_372_036_854_775_771n }).map(evmChainId);
    fc.assert(
      fc.property(stellar, evm, (stellarChain, evmChain) => {
        expect(parseAssetId(nativeAsset(stellarChain))).toEqual({
          id: `${stellarChain}/slip44:148`,
          chain: stellarChain,
          kind: 'native',
          decimals: 7,
        });
        expect(parseAssetId(nativeAsset(evmChain))).toEqual({
          id: `${evmChain}/slip44:60`,
          chain: evmChain,
          kind: 'native',
          decimals: 18,
        });
      }),
    );
  });

  test.each([
    [''],
    ['native'],
    ['stellar:pubnet'],
    ['stellar:pubnet/slip44:60'],
    ['stellar:pubnet/slip44:148/1'],
    ['stellar:pubnet/slip44:148\n'],
    [' stellar:pubnet/slip44:148'],
    ['stellar:Pubnet/slip44:148'],
    ['stellar:mainnet/slip44:148'],
    ['stellar:0/slip44:148'],
    [`stellar:${'A'.repeat(32)}/slip44:148`],
    [`stellar:${'a'.repeat(31)}/slip44:148`],
    [`stellar:${digest(Networks.PUBLIC)}/slip44:148`],
    [`stellar:${digest(Networks.STANDALONE)}/slip44:148`],
    ['stellar:pubnet/asset:USDC-GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN'],
    ['eip155:0/slip44:60'],
    ['eip155:01/slip44:60'],
    ['eip155:-1/slip44:60'],
    ['eip155:0x1/slip44:60'],
    ['eip155:9223372036854775772/slip44:60'],
    [`eip155:${'9'.repeat(60)}/slip44:60`],
    ['eip155:1/slip44:148'],
    ['eip155:1/erc20:0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48'],
    ['EIP155:1/slip44:60'],
    ['bip122:000000000019d6689c085ae165831e93/slip44:0'],
    ['x'.repeat(100_000)],
    [undefined as never],
    [{} as never],
  ])('is not %.60j', (text) => {
    expect(refusedWith(() => parseAssetId(text))).toEqual({ code: 'UNKNOWN_ASSET', field: 'asset' });
  });
});
