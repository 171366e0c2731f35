import { issuedAsset, nativeAsset, stellarChainId } from '@countersign/chains/caip';
import { describe, expect, test } from '@jest/globals';
import { Asset, Keypair, StrKey, xdr } from '@stellar/stellar-sdk/base';
import { issued, lineName, linesIn, trustlineKey } from './trustline.ts';

const chain = stellarChainId('Test SDF Network ; September 2015');
const [owner, issuer] = [Keypair.random().publicKey(), Keypair.random().publicKey()];
const accountId = (address: string) => xdr.PublicKey.publicKeyTypeEd25519(StrKey.decodeEd25519PublicKey(address));

interface Entry {
  readonly balance: bigint;
  readonly limit: bigint;
  readonly flags: number;
  readonly liabilities?: { readonly buying: bigint; readonly selling: bigint };
}

function entry(code: string, { balance, limit, flags, liabilities }: Entry): xdr.LedgerEntryData {
  const ext =
    liabilities === undefined
      ? xdr.TrustLineEntryExt.v0()
      : xdr.TrustLineEntryExt.v1(
          new xdr.TrustLineEntryV1({
            liabilities: new xdr.Liabilities(liabilities),
            ext: xdr.TrustLineEntryV1Ext.v0(),
          }),
        );
  const asset = new Asset(code, issuer).toTrustLineXDRObject();
  return xdr.LedgerEntryData.trustline(
    new xdr.TrustLineEntry({ accountId: accountId(owner), asset, balance, limit, flags, ext }),
  );
}

const lineOf = (code: string, held: Entry) => linesIn([entry(code, held)]).get(lineName(owner, { code, issuer }));

describe('a trustline', () => {
  test('can pay what its offers leave of its balance, and take what they leave below its limit', () => {
    const plain = { balance: 30n, limit: 100n, flags: 1 };
    expect(lineOf('USD', plain)).toEqual({ available: 30n, room: 70n, authorized: true });
    const offered = { ...plain, liabilities: { buying: 60n, selling: 25n } };
    expect(lineOf('USD', offered)).toEqual({ available: 5n, room: 10n, authorized: true });
    expect(lineOf('USD', { ...offered, balance: 99n })).toMatchObject({ available: 74n, room: 0n });
  });

  test.each([
    [0, false],
    [1, true],
    [2, false],
    [4, false],
    [5, true],
    [6, false],
  ])('with flags %i is authorized: %s', (flags, authorized) => {
    expect(lineOf('USD', { balance: 1n, limit: 2n, flags })?.authorized).toBe(authorized);
  });

  test.each(['A', 'USDC', 'USDC2', 'LongerCode12'])('of %s has the key that the SDK gives it', (code) => {
    const named = issued(issuedAsset(chain, code, issuer));
    if (named === undefined) throw new Error('expected an issued asset');
    const expected = xdr.LedgerKey.trustline(
      new xdr.LedgerKeyTrustLine({
        accountId: accountId(owner),
        asset: new Asset(code, issuer).toTrustLineXDRObject(),
      }),
    );
    expect(trustlineKey(owner, named).toXdr('base64')).toBe(expected.toXdr('base64'));
    expect(lineOf(code, { balance: 1n, limit: 2n, flags: 1 })).toBeDefined();
  });

  test('is of an issued asset alone', () => {
    expect(issued(nativeAsset(chain))).toBeUndefined();
    const pool = xdr.TrustLineAsset.assetTypePoolShare(new xdr.PoolId(new Uint8Array(32)));
    const share = new xdr.TrustLineEntry({
      accountId: accountId(owner),
      asset: pool,
      balance: 1n,
      limit: 2n,
      flags: 1,
      ext: xdr.TrustLineEntryExt.v0(),
    });
    expect(linesIn([xdr.LedgerEntryData.trustline(share)]).size).toBe(0);
  });
});
