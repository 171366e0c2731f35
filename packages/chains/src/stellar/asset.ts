import { StrKey, xdr } from '@stellar/stellar-sdk/base';
import { type AssetId, type ChainId, issuedAsset, nativeAsset, parseAssetId } from '../caip.ts';
import { TransactionError } from '../error.ts';
import { accountBytes } from './account.ts';

type AlphaNum = xdr.AlphaNum4 | xdr.AlphaNum12;

/** The native or an issued asset of this chain as XDR. A code of up to 4 characters is AlphaNum4, a longer one AlphaNum12. */
export function readAsset(field: string, chain: ChainId, id: AssetId): xdr.Asset {
  const asset = parseAssetId(id);
  if (asset.chain !== chain) {
    throw new TransactionError('ASSET_OF_OTHER_CHAIN', field, `expected an asset of ${chain}, got ${asset.id}`);
  }
  if (asset.kind === 'native') return xdr.Asset.assetTypeNative();
  if (asset.kind !== 'issued') {
    throw new TransactionError('UNSUPPORTED_ASSET', field, `expected the native or an issued asset, got ${asset.id}`);
  }
  const { code: assetCode } = asset;
  const issuer = xdr.PublicKey.publicKeyTypeEd25519(accountBytes(field, asset.issuer));
  return assetCode.length <= 4
    ? xdr.Asset.assetTypeCreditAlphanum4(new xdr.AlphaNum4({ assetCode, issuer }))
    : xdr.Asset.assetTypeCreditAlphanum12(new xdr.AlphaNum12({ assetCode, issuer }));
}

/** XDR as the id of an asset of this chain, strictly: one id, one encoding. */
export function writeAsset(field: string, chain: ChainId, asset: xdr.Asset | xdr.TrustLineAsset): AssetId {
  switch (asset.type) {
    case 'assetTypeNative':
      return nativeAsset(chain);
    case 'assetTypeCreditAlphanum4':
      return writeIssued(field, chain, asset.alphaNum4, 1);
    case 'assetTypeCreditAlphanum12':
      // A short code here would be a second spelling of another asset's id.
      return writeIssued(field, chain, asset.alphaNum12, 5);
    case 'assetTypePoolShare':
      throw new TransactionError('UNSUPPORTED_ASSET', field, 'expected an asset, got a share in a liquidity pool');
  }
}

function writeIssued(field: string, chain: ChainId, { assetCode, issuer }: AlphaNum, shortest: number): AssetId {
  const { value: bytes } = assetCode;
  const code = String.fromCharCode(...bytes).replace(/\0+$/, '');
  if (!/^[A-Za-z0-9]+$/.test(code) || code.length < shortest) {
    const message = `expected ${shortest} to ${bytes.length} letters and digits, then zeros`;
    throw new TransactionError('INVALID_ASSET_CODE', `${field}.code`, message);
  }
  return issuedAsset(chain, code, StrKey.encodeEd25519PublicKey(issuer.ed25519.value));
}
