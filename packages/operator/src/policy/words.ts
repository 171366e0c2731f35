import { formatAmount } from '@countersign/chains/amount';
import { type AssetId, parseAssetId } from '@countersign/chains/caip';
import type { KeyPolicy } from '@countersign/policy/schema';

const SPANS = [
  [86_400n, 'day'],
  [3_600n, 'hour'],
  [60n, 'minute'],
  [1n, 'second'],
] as const;

/** A number of seconds in the largest unit that it is whole in: `1 day`, `90 minutes`. */
export function span(seconds: bigint): string {
  const [size, unit] = SPANS.find(([each]) => seconds >= each && seconds % each === 0n) ?? [1n, 'second'];
  const count = seconds / size;
  return `${count} ${unit}${count === 1n ? '' : 's'}`;
}

/** Smallest units in units of the asset; as they are, where nothing tells how many make one. */
export function amountOf(policy: KeyPolicy | undefined, id: AssetId, units: bigint): string {
  const asset = parseAssetId(id);
  const decimals = 'decimals' in asset ? asset.decimals : policy?.assets.get(id)?.decimals;
  return decimals === undefined ? `${units} smallest units` : formatAmount(units, decimals);
}

export const lumens = (stroops: bigint): string => `${formatAmount(stroops, 7)} lumens`;
export const ether = (wei: bigint): string => `${formatAmount(wei, 18)} ether`;
