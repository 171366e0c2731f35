import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { refusedWith } from '../testing/refused.ts';
import { account, assetCode, contract, plainAddress } from '../testing/stellar.ts';
import {
  type AssetId,
  erc20Asset,
  evmChainId,
  issuedAsset,
  nativeAsset,
  parseAssetId,
  sep41Asset,
  stellarChainId,
} from './caip.ts';

const CIRCLE = 'GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN';
const MUXED = 'MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLK';
const CONTRACT = 'CA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUWDA';
const USDC = '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48';
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

  test('of an issued asset reads back', () => {
    const pubnet = stellarChainId(Networks.PUBLIC);
    fc.assert(
      fc.property(assetCode, plainAddress, (code, issuer) => {
        const id = issuedAsset(pubnet, code, issuer);
        expect(id).toBe(`stellar:pubnet/asset:${code}-${issuer}`);
        expect(parseAssetId(id)).toEqual({ kind: 'issued', id, chain: pubnet, code, issuer, decimals: 7 });
      }),
    );
    expect(issuedAsset(stellarChainId('any'), 'TWELVELETTER', CIRCLE)).toHaveLength(116);
  });

  test('of a token contract reads back', () => {
    const chain = stellarChainId(Networks.TESTNET);
    const id = sep41Asset(chain, CONTRACT);
    expect(id).toBe(`stellar:testnet/sep41:${CONTRACT}`);
    expect(parseAssetId(id)).toEqual({ kind: 'sep41', id, chain, contract: CONTRACT });
  });

  test('of an ERC-20 token reads back, whatever the case of its address', () => {
    const chain = evmChainId(11_155_111n);
    const id = erc20Asset(chain, USDC);
    expect(id).toBe(`eip155:11155111/erc20:${USDC}`);
    for (const text of [id, id.toLowerCase(), erc20Asset(chain, USDC.toLowerCase())]) {
      expect(parseAssetId(text)).toEqual({ kind: 'erc20', id, chain, contract: USDC });
    }
  });

  test.each<[string, () => AssetId]>([
    ['an issued asset on EVM', () => issuedAsset(evmChainId(1n), 'USD', account(1))],
    ['a code of 13 characters', () => issuedAsset(stellarChainId('any'), 'THIRTEENCHARS', account(1))],
    ['a contract as an issuer', () => issuedAsset(stellarChainId('any'), 'USD', contract(1))],
    ['a token contract on EVM', () => sep41Asset(evmChainId(1n), contract(1))],
    ['an account as a token', () => sep41Asset(stellarChainId('any'), account(1))],
    ['an ERC-20 token on Stellar', () => erc20Asset(stellarChainId('any'), USDC)],
    ['an ERC-20 token at nobody’s address', () => erc20Asset(evmChainId(1n), `0x${'0'.repeat(40)}`)],
  ])('is not made of %s', (_name, make) => {
    expect(refusedWith(make)).toEqual({ code: 'UNKNOWN_ASSET', field: 'asset' });
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
    ['eip155:0/slip44:60'],
    ['eip155:01/slip44:60'],
    ['eip155:-1/slip44:60'],
    ['eip155:0x1/slip44:60'],
    ['eip155:9223372036854775772/slip44:60'],
    [`eip155:${'9'.repeat(60)}/slip44:60`],
    ['eip155:1/slip44:148'],
    [`stellar:pubnet/asset:USDC`],
    [`stellar:pubnet/asset:-${CIRCLE}`],
    [`stellar:pubnet/asset:THIRTEENCHARS-${CIRCLE}`],
    [`stellar:pubnet/asset:USD_C-${CIRCLE}`],
    [`stellar:pubnet/asset:USDÇ-${CIRCLE}`],
    [`stellar:pubnet/asset:USDC:${CIRCLE}`],
    [`stellar:pubnet/asset:USDC-${CIRCLE}-1`],
    [`stellar:pubnet/asset:USDC-${CIRCLE.slice(0, -1)}A`],
    [`stellar:pubnet/asset:USDC-${CIRCLE.toLowerCase()}`],
    [`stellar:pubnet/asset:USDC-${MUXED}`],
    [`stellar:pubnet/asset:USDC-${CONTRACT}`],
    [`stellar:pubnet/ASSET:USDC-${CIRCLE}`],
    [`stellar:mainnet/asset:USDC-${CIRCLE}`],
    [`stellar:pubnet/sep41:${CIRCLE}`],
    [`stellar:pubnet/sep41:${CONTRACT.slice(0, -1)}B`],
    [`stellar:pubnet/sep41:${CONTRACT}/1`],
    [`stellar:pubnet/erc20:${USDC}`],
    [`eip155:1/sep41:${CONTRACT}`],
    [`eip155:1/asset:USDC-${CIRCLE}`],
    [`eip155:1/erc20:${USDC.slice(0, -1)}`],
    [`eip155:1/erc20:${USDC.slice(2)}`],
    [`eip155:1/erc20:${USDC.replace('A0b', 'a0b')}`],
    [`eip155:1/erc20:0x${'0'.repeat(40)}`],
    [`eip155:0/erc20:${USDC}`],
    [`eip155:1/erc721:${USDC}`],
    ['EIP155:1/slip44:60'],
    ['bip122:000000000019d6689c085ae165831e93/slip44:0'],
    ['x'.repeat(100_000)],
    [undefined as never],
    [{} as never],
  ])('is not %.60j', (text) => {
    expect(refusedWith(() => parseAssetId(text))).toEqual({ code: 'UNKNOWN_ASSET', field: 'asset' });
  });
});
