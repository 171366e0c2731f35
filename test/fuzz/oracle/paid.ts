import { assetsOf } from '@countersign/dev/assets';
import { KEYS } from '../world.ts';

export const ASSETS = assetsOf(KEYS);

/** What a transaction pays, as another library reads it. The memo is as Rust's XDR writes one; EVM addresses are in lower case. */
export interface Paid {
  readonly destination: string;
  readonly asset: string;
  readonly amount: bigint;
  readonly memo: unknown;
}

/** An EVM asset as the policy writes it, whatever the case of its address. */
export function canonical(asset: string): string {
  return Object.values(ASSETS).find((each) => lower(each) === lower(asset)) ?? asset;
}

export const lower = (address: string): string => address.toLowerCase();
