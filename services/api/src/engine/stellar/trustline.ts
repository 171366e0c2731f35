import { type Asset, type AssetId, parseAssetId } from '@countersign/chains/caip';
import { StrKey, xdr } from '@stellar/stellar-sdk/base';
import { accountId, addressOf } from './account.ts';

/** What an account holds of an issued asset, in smallest units. */
export interface Trustline {
  /** What it can pay out: beyond what its offers may take. */
  readonly available: bigint;
  /** What it can take in: below its limit, beside what its offers may bring. */
  readonly room: bigint;
  /** Whether its issuer lets it be paid from and to; to be allowed to keep its offers is not enough. */
  readonly authorized: boolean;
}

export type IssuedAsset = Extract<Asset, { kind: 'issued' }>;

/** The trustlines that were looked at, each under its `lineName`. */
export type Trustlines = ReadonlyMap<string, Trustline>;

const AUTHORIZED = 1;

export function lineName(owner: string, { code, issuer }: Pick<IssuedAsset, 'code' | 'issuer'>): string {
  return `${owner} ${code}-${issuer}`;
}

/** The issued asset of the id, or undefined where it is of another kind. */
export function issued(asset: AssetId): IssuedAsset | undefined {
  const parsed = parseAssetId(asset);
  return parsed.kind === 'issued' ? parsed : undefined;
}

export function trustlineKey(owner: string, { code, issuer }: Pick<IssuedAsset, 'code' | 'issuer'>): xdr.LedgerKey {
  const alphaNum = { assetCode: code, issuer: accountId(issuer) };
  const asset =
    code.length <= 4
      ? xdr.TrustLineAsset.assetTypeCreditAlphanum4(new xdr.AlphaNum4(alphaNum))
      : xdr.TrustLineAsset.assetTypeCreditAlphanum12(new xdr.AlphaNum12(alphaNum));
  return xdr.LedgerKey.trustline(new xdr.LedgerKeyTrustLine({ accountId: accountId(owner), asset }));
}

/** The trustlines of issued assets among ledger entries. */
export function linesIn(entries: readonly xdr.LedgerEntryData[]): Trustlines {
  return new Map(
    entries.flatMap((entry): [string, Trustline][] => {
      if (entry.type !== 'trustline') return [];
      const asset = assetOf(entry.value.asset);
      return asset === undefined ? [] : [[lineName(addressOf(entry.value.accountId), asset), readLine(entry.value)]];
    }),
  );
}

function readLine({ balance, limit, flags, ext }: xdr.TrustLineEntry): Trustline {
  const { buying, selling } = ext.type === 'v1' ? ext.v1.liabilities : { buying: 0n, selling: 0n };
  const positive = (amount: bigint) => (amount > 0n ? amount : 0n);
  return {
    available: positive(balance - selling),
    room: positive(limit - balance - buying),
    authorized: (flags & AUTHORIZED) !== 0,
  };
}

function assetOf(asset: xdr.TrustLineAsset): Pick<IssuedAsset, 'code' | 'issuer'> | undefined {
  switch (asset.type) {
    case 'assetTypeCreditAlphanum4':
      return named(asset.alphaNum4);
    case 'assetTypeCreditAlphanum12':
      return named(asset.alphaNum12);
    default:
      return undefined;
  }
}

function named({ assetCode, issuer }: xdr.AlphaNum4 | xdr.AlphaNum12): Pick<IssuedAsset, 'code' | 'issuer'> {
  return {
    code: Buffer.from(assetCode.value).toString('latin1').replace(/\0+$/, ''),
    issuer: StrKey.encodeEd25519PublicKey(issuer.value.value),
  };
}
