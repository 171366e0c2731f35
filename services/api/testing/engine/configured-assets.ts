import { type ChainId, nativeAsset, parseAssetId } from '@countersign/chains/caip';
import type { ConfiguredAsset } from '../../src/config/chains.ts';

/** An asset as CHAINS_FILE would have it; `decimals` for those whose id does not tell. */
export function configuredAsset(id: string, decimals?: number): ConfiguredAsset {
  const asset = parseAssetId(id);
  if ('decimals' in asset) return asset;
  if (decimals === undefined) throw new Error(`${id}: how many decimals?`);
  return { ...asset, decimals };
}

export function nativeOn(chain: ChainId): ConfiguredAsset {
  return configuredAsset(nativeAsset(chain));
}
