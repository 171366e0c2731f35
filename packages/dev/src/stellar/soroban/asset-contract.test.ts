import { describe, expect, test } from '@jest/globals';
import { Asset, Keypair, Networks } from '@stellar/stellar-sdk/base';
import { LedgerEntry } from '@stellar/stellar-sdk/xdr';
import fc from 'fast-check';
import { ledgerEntry } from '../ledger/entry.ts';
import { networkId } from '../ledger/network.ts';
import { loadOracle } from '../testing/oracle.ts';
import { assetContractId, assetInstance, assetName, parseAsset, readAsset } from './asset-contract.ts';

const oracle = await loadOracle();
const ISSUER = 'GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN';

describe('the id of an asset contract', () => {
  test.each([
    ['native', Networks.TESTNET, 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC'],
    ['native', Networks.PUBLIC, 'CAS3J7GYLGXMF6TDJBBYYSE3HQ6BBSMLNUQ34T6TZMYMW2EVH34XOWMA'],
    [`USDC:${ISSUER}`, Networks.PUBLIC, 'CCW67TSZV3SSS2HXMBQ5JFGCKJNXKZM7UQUWUZPUTHXSTZLEO7SJMI75'],
  ])('of %s on "%s" is the one that is known there', (text, passphrase, id) => {
    const asset = parseAsset(text);
    expect(asset && assetContractId(networkId(passphrase), asset)).toBe(id);
  });

  test('is the one that the SDK derives, for any asset and network', () => {
    const codes = fc.stringMatching(/^[a-zA-Z0-9]{1,12}$/);
    const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(codes, seeds, fc.string(), (code, seed, passphrase) => {
        const issuer = Keypair.fromRawEd25519Seed(new Uint8Array(seed)).publicKey();
        const id = assetContractId(networkId(passphrase), { code, issuer });
        expect(id).toBe(new Asset(code, issuer).contractId(passphrase));
      }),
      { numRuns: 50 },
    );
  });
});

describe("the contract's instance", () => {
  test.each(['native', `A:${ISSUER}`, `USDC:${ISSUER}`, `USDCx:${ISSUER}`, `ABCDEFGHIJKL:${ISSUER}`])(
    'of %s tells the asset',
    (text) => {
      const asset = parseAsset(text);
      if (!asset) throw new Error('no asset');
      expect(assetName(asset)).toBe(text);
      const instance = assetInstance(assetContractId(networkId('some network'), asset), asset);
      const written = LedgerEntry.fromXdr(ledgerEntry(instance).toXdr());
      if (written.data.type !== 'contractData') throw new Error('no contract data');
      expect(readAsset({ ...instance, value: written.data.contractData.val })).toEqual(asset);
    },
  );

  test('has what the host writes when it creates one', () => {
    const asset = { code: 'USD', issuer: ISSUER };
    const contract = assetContractId(networkId(Networks.TESTNET), asset);
    expect(oracle('LedgerEntry', ledgerEntry(assetInstance(contract, asset)))).toMatchObject({
      data: {
        contract_data: {
          contract,
          key: 'ledger_key_contract_instance',
          durability: 'persistent',
          val: {
            contract_instance: {
              executable: 'stellar_asset',
              storage: [
                {
                  key: { symbol: 'METADATA' },
                  val: {
                    map: [
                      { key: { symbol: 'decimal' }, val: { u32: 7 } },
                      { key: { symbol: 'name' }, val: { string: `USD:${ISSUER}` } },
                      { key: { symbol: 'symbol' }, val: { string: 'USD' } },
                    ],
                  },
                },
                { key: { vec: [{ symbol: 'Admin' }] }, val: { address: ISSUER } },
                {
                  key: { vec: [{ symbol: 'AssetInfo' }] },
                  val: {
                    vec: [
                      { symbol: 'AlphaNum4' },
                      { map: [{ val: { string: 'USD\\0' } }, { val: { bytes: expect.any(String) } }] },
                    ],
                  },
                },
              ],
            },
          },
        },
      },
    });
  });
});

test.each(['', 'USDC', `USDC:${ISSUER}:`, `TOOLONGASSETX:${ISSUER}`, `US-D:${ISSUER}`, 'USDC:G', 'XLM'])(
  '"%s" is no asset',
  (text) => {
    expect(parseAsset(text)).toBeUndefined();
  },
);
