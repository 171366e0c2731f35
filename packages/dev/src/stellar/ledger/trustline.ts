import {
  LedgerEntryData,
  LedgerKey,
  LedgerKeyTrustLine,
  TrustLineEntry,
  TrustLineEntryExt,
} from '@stellar/stellar-sdk/xdr';
import { type Address, accountIdOf } from './address.ts';
import { type CreditAsset, trustlineAssetXdr } from './asset.ts';

/** The flags of a trustline (stellar-core: TrustLineFlags). */
export const TRUSTLINE_FLAGS = { authorized: 1, maintainLiabilities: 2, clawback: 4 } as const;

/** An account's holding of an issued asset. Amounts in the asset's smallest unit, 10⁻⁷. */
export interface Trustline {
  readonly kind: 'trustline';
  readonly account: Address;
  readonly asset: CreditAsset;
  readonly balance: bigint;
  readonly limit: bigint;
  readonly flags: number;
  readonly lastModified: number;
}

export function isAuthorized({ flags }: Trustline): boolean {
  return (flags & TRUSTLINE_FLAGS.authorized) !== 0;
}

export function trustlineKey({ account, asset }: Pick<Trustline, 'account' | 'asset'>): LedgerKey {
  return LedgerKey.trustline(
    new LedgerKeyTrustLine({ accountId: accountIdOf(account), asset: trustlineAssetXdr(asset) }),
  );
}

export function trustlineData({ account, asset, balance, limit, flags }: Trustline): LedgerEntryData {
  return LedgerEntryData.trustline(
    new TrustLineEntry({
      accountId: accountIdOf(account),
      asset: trustlineAssetXdr(asset),
      balance,
      limit,
      flags,
      ext: TrustLineEntryExt.v0(),
    }),
  );
}
