import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Asset, Networks } from '@stellar/stellar-sdk/base';
import fc from 'fast-check';
import { refusedWith } from '../../testing/refused.ts';
import {
  account,
  assetCode,
  assetJson,
  contract,
  plainAddress,
  rustDecode,
  rustEncode,
} from '../../testing/stellar.ts';
import { type AssetId, erc20Asset, evmChainId, issuedAsset, nativeAsset, sep41Asset, stellarChainId } from '../caip.ts';
import { assetContract, balanceKey } from './contract.ts';

const passphrase = fc.oneof(fc.constantFrom(...Object.values(Networks)), fc.string({ minLength: 1, unit: 'grapheme' }));
const circle = (chain: string, issuer: string) => `stellar:${chain}/asset:USDC-${issuer}` as AssetId;

describe('the contract of an asset', () => {
  test.each<[string, string, AssetId, string]>([
    [
      'lumens on the public network',
      Networks.PUBLIC,
      'stellar:pubnet/slip44:148' as AssetId,
      'CAS3J7GYLGXMF6TDJBBYYSE3HQ6BBSMLNUQ34T6TZMYMW2EVH34XOWMA',
    ],
    [
      'lumens on the test network',
      Networks.TESTNET,
      'stellar:testnet/slip44:148' as AssetId,
      'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC',
    ],
    [
      'USDC of Circle on the public network',
      Networks.PUBLIC,
      circle('pubnet', 'GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN'),
      'CCW67TSZV3SSS2HXMBQ5JFGCKJNXKZM7UQUWUZPUTHXSTZLEO7SJMI75',
    ],
    [
      'USDC of Circle on the test network',
      Networks.TESTNET,
      circle('testnet', 'GBBD47IF6LWK7P7MDEVSCWR7DPUWV3NY3DTQEVFL4NAT4AQH3ZLLFLA5'),
      'CBIELTK6YBZJU5UP2WWQEUCYKLPU6AUNZ2BQ4WWFEIE3USCIHMXQDAMA',
    ],
  ])('is the one that the network knows: %s', (_name, networkPassphrase, asset, expected) => {
    expect(assetContract(networkPassphrase, asset)).toBe(expected);
  });

  test('is what the SDK derives', () => {
    fc.assert(
      fc.property(passphrase, assetCode, plainAddress, (networkPassphrase, code, issuer) => {
        const chain = stellarChainId(networkPassphrase);
        const theirs = new Asset(code, issuer).contractId(networkPassphrase);
        expect(assetContract(networkPassphrase, issuedAsset(chain, code, issuer))).toBe(theirs);
        const native = Asset.native().contractId(networkPassphrase);
        expect(assetContract(networkPassphrase, nativeAsset(chain))).toBe(native);
      }),
    );
  });

  test('is the hash of what the Rust XDR library writes', () => {
    fc.assert(
      fc.property(assetCode, plainAddress, (code, issuer) => {
        const asset = issuedAsset(stellarChainId(Networks.TESTNET), code, issuer);
        const networkId = createHash('sha256').update(Networks.TESTNET).digest('hex');
        const preimage = { network_id: networkId, contract_id_preimage: { asset: assetJson(asset) } };
        const bytes = rustEncode({ contract_id: preimage }, 'HashIdPreimage');
        const id = createHash('sha256').update(bytes).digest();
        const address = { contract: assetContract(Networks.TESTNET, asset) };
        expect(rustEncode(address.contract, 'ScAddress')).toEqual(Uint8Array.of(0, 0, 0, 1, ...id));
      }),
    );
  });

  test('of a token contract is itself', () => {
    const chain = stellarChainId(Networks.TESTNET);
    expect(assetContract(Networks.TESTNET, sep41Asset(chain, contract(7)))).toBe(contract(7));
  });

  test.each<[string, AssetId]>([
    ['lumens', nativeAsset(stellarChainId(Networks.PUBLIC))],
    ['an issued asset', issuedAsset(stellarChainId(Networks.PUBLIC), 'USD', account(1))],
    ['a token contract', sep41Asset(stellarChainId(Networks.PUBLIC), contract(1))],
    ['ether', nativeAsset(evmChainId(1n))],
    ['an ERC-20 token', erc20Asset(evmChainId(1n), `0x${'11'.repeat(20)}`)],
  ])('of %s on another chain is refused', (_name, asset) => {
    expect(refusedWith(() => assetContract(Networks.TESTNET, asset))).toEqual({
      code: 'ASSET_OF_OTHER_CHAIN',
      field: 'asset',
    });
  });

  test('of nothing known is refused', () => {
    expect(refusedWith(() => assetContract(Networks.TESTNET, 'gold' as AssetId))).toHaveProperty(
      'code',
      'UNKNOWN_ASSET',
    );
    expect(refusedWith(() => assetContract('', nativeAsset(stellarChainId('any'))))).toHaveProperty(
      'code',
      'INVALID_NETWORK_PASSPHRASE',
    );
  });
});

describe('the key of a balance', () => {
  test('reads in the Rust XDR library as the one that a Stellar Asset Contract uses', () => {
    const key = Uint8Array.from(Buffer.from(balanceKey(contract(9)), 'hex'));
    expect(rustDecode(key, 'ScVal')).toEqual({ vec: [{ symbol: 'Balance' }, { address: contract(9) }] });
  });

  test('of an account does not exist', () => {
    expect(refusedWith(() => balanceKey(account(9)))).toEqual({ code: 'INVALID_ADDRESS', field: 'holder' });
  });
});
