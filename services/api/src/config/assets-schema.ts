import { type Asset, type ChainId, nativeAsset, parseAssetId } from '@countersign/chains/caip';
import { z } from 'zod';
import type { ConfiguredAsset } from './chains.ts';

// 2^256 − 1, the most that any token counts, has 78 digits.
const MOST_DECIMALS = 77;

/** `assets` of a chain in CHAINS_FILE: those beside the native one. */
export const assetsSchema = z
  .array(
    z.strictObject({
      asset: z.string().describe('CAIP-19 id of an asset on this chain; once'),
      decimals: z
        .int()
        .min(0)
        .max(MOST_DECIMALS)
        .optional()
        .describe('fraction digits of a token’s smallest unit: needed for `sep41` and `erc20`, refused elsewhere'),
    }),
  )
  .max(1000)
  .default([])
  .describe('what may be paid out beside the native asset');

/** The assets of a chain, the native one first; each problem is told with its path below `assets`. */
export function configuredAssets(
  chain: ChainId,
  entries: z.output<typeof assetsSchema>,
  problem: (path: readonly (string | number)[], message: string) => void,
): readonly ConfiguredAsset[] {
  const assets = new Map<string, ConfiguredAsset>();
  const add = (asset: ConfiguredAsset) => assets.size < assets.set(asset.id, asset).size;
  const native = parseAssetId(nativeAsset(chain));
  if (native.kind === 'native') add(native);
  for (const [i, entry] of entries.entries()) {
    const parsed = read(entry.asset);
    if (parsed === undefined || parsed.chain !== chain) {
      problem([i, 'asset'], `expected a CAIP-19 id of an asset on ${chain}`);
    } else if (isToken(parsed) && entry.decimals === undefined) {
      problem([i, 'decimals'], 'expected the number of decimals that the contract counts in');
    } else if (!isToken(parsed) && entry.decimals !== undefined) {
      problem([i, 'decimals'], 'the network fixes them for this asset');
    } else if (!add(isToken(parsed) ? { ...parsed, decimals: entry.decimals ?? 0 } : parsed)) {
      problem([i, 'asset'], 'the asset is there twice');
    }
  }
  return [...assets.values()];
}

function read(text: string): Asset | undefined {
  try {
    return parseAssetId(text);
  } catch {
    return undefined;
  }
}

function isToken(asset: Asset): asset is Extract<Asset, { kind: 'sep41' | 'erc20' }> {
  return asset.kind === 'sep41' || asset.kind === 'erc20';
}
