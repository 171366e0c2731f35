import { parseAssetId } from '@countersign/chains/caip';
import type { ChainConfig, ChainsConfig, ConfiguredAsset } from '../../config/chains.ts';
import { accepted, type Read, reading, refused } from './read.ts';

export interface AssetOfChain {
  readonly config: ChainConfig;
  readonly asset: ConfiguredAsset;
}

/** Reads what a payout is in: an asset that its chain lists. */
export function readAsset(text: string, { chains }: ChainsConfig): Read<AssetOfChain> {
  const parsed = reading('asset', () => parseAssetId(text));
  if (!parsed.ok) return parsed;
  const { chain, id } = parsed.value;
  const config = chains.find((each) => each.chain === chain);
  if (config === undefined) {
    const known = chains.map((each) => each.chain).join(' or ');
    return refused('asset', 'UNKNOWN_ASSET', `expected an asset of ${known}`);
  }
  const asset = config.assets.find((each) => each.id === id);
  return asset === undefined
    ? refused('asset', 'UNKNOWN_ASSET', `expected an asset that is configured on ${chain}`)
    : accepted({ config, asset });
}
