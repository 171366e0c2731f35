import { AlphaNum4, AlphaNum12, Asset, TrustLineAsset } from '@stellar/stellar-sdk/xdr';
import { type Address, accountIdOf, addressOfKey } from './address.ts';

/** An asset that an account issues; `code` is 1 to 12 of A–Z, a–z and 0–9, without padding. */
export interface CreditAsset {
  readonly code: string;
  readonly issuer: Address;
}

/** What the XDR's asset types have in common: those of payments, of trustlines and of changes of trust. */
type AnyAsset =
  | { readonly type: 'assetTypeCreditAlphanum4'; readonly alphaNum4: AlphaNum4 }
  | { readonly type: 'assetTypeCreditAlphanum12'; readonly alphaNum12: AlphaNum12 }
  | { readonly type: 'assetTypeNative' | 'assetTypePoolShare' };

/**
 * The issued asset that the XDR names; undefined for lumens, pool shares and codes that stellar-core holds for invalid
 * (isAssetValid: anything but letters and digits, a code that would have fitted into four bytes among the long ones).
 */
export function creditAsset(asset: AnyAsset): CreditAsset | undefined {
  switch (asset.type) {
    case 'assetTypeCreditAlphanum4':
      return named(asset.alphaNum4, /^[a-zA-Z0-9]{1,4}(?=\0*$)/);
    case 'assetTypeCreditAlphanum12':
      return named(asset.alphaNum12, /^[a-zA-Z0-9]{5,12}(?=\0*$)/);
    default:
      return undefined;
  }
}

function named({ assetCode, issuer }: AlphaNum4 | AlphaNum12, pattern: RegExp): CreditAsset | undefined {
  const code = pattern.exec(Buffer.from(assetCode.value).toString('latin1'))?.[0];
  return code === undefined ? undefined : { code, issuer: addressOfKey(issuer.ed25519.value) };
}

export function assetXdr(asset: CreditAsset): Asset {
  return asset.code.length <= 4
    ? Asset.assetTypeCreditAlphanum4(new AlphaNum4(padded(asset, 4)))
    : Asset.assetTypeCreditAlphanum12(new AlphaNum12(padded(asset, 12)));
}

export function trustlineAssetXdr(asset: CreditAsset): TrustLineAsset {
  return asset.code.length <= 4
    ? TrustLineAsset.assetTypeCreditAlphanum4(new AlphaNum4(padded(asset, 4)))
    : TrustLineAsset.assetTypeCreditAlphanum12(new AlphaNum12(padded(asset, 12)));
}

function padded({ code, issuer }: CreditAsset, length: number) {
  return { assetCode: new Uint8Array(Buffer.from(code.padEnd(length, '\0'), 'latin1')), issuer: accountIdOf(issuer) };
}
