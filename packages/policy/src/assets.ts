import { parseAmount } from '@countersign/chains/amount';
import { type Asset, type ChainId, parseAssetId } from '@countersign/chains/caip';
import { z } from 'zod';
import { type Checker, present } from './checker.ts';
import type { AssetLimits } from './policy.ts';
import { readWindows, windowRules } from './windows.ts';
import { DECIMAL } from './words.ts';

// An i128 has 39 digits: more fraction digits than 38 leave no whole unit.
const MAX_DECIMALS = 38;

const ASSET_ID =
  '^(stellar:[a-z0-9]+/(slip44:148|asset:[A-Za-z0-9]{1,12}-G[A-Z2-7]{55}|sep41:C[A-Z2-7]{55})|eip155:[1-9][0-9]*/(slip44:60|erc20:0x[0-9a-fA-F]{40}))$';

/** Asset id → its limits. Which words an entry has follows from the asset: see `WORDS`. */
export const assetRules = z
  .record(
    z.string().meta({ title: 'asset id', pattern: ASSET_ID }),
    z.strictObject({
      max_per_payout: DECIMAL.describe('the most that one payout may be of, in units of the asset'),
      max_per_transaction: DECIMAL.optional().describe(
        'the most that the payouts of one transaction may be of together; at least `max_per_payout`',
      ),
      approval_above: DECIMAL.optional().describe(
        'a payout of more than this needs the `approvals` of the key; at most `max_per_payout`, and 0 for every payout',
      ),
      windows: windowRules.optional(),
      decimals: z
        .int()
        .min(0)
        .max(MAX_DECIMALS)
        .optional()
        .describe('fraction digits of a token’s smallest unit: needed for `sep41` and `erc20`, refused elsewhere'),
      wasm_hash: z
        .string()
        .regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in 64 hex digits')
        .optional()
        .describe('SHA-256 of the token’s code, in hex: needed for `sep41`, refused elsewhere'),
    }),
  )
  .describe('what may be paid, by CAIP-19 id; a Stellar Asset Contract is the asset that it stands for');

// What cannot be known from an asset's id, and for each kind must be said.
const WORDS: Readonly<Record<Asset['kind'], readonly string[]>> = {
  native: [],
  issued: [],
  sep41: ['decimals', 'wasm_hash'],
  erc20: ['decimals'],
};
// The largest amount that one transfer can carry.
const MOST: Readonly<Record<string, bigint>> = {
  'stellar native': 2n ** 63n - 1n,
  'stellar issued': 2n ** 63n - 1n,
  'stellar sep41': 2n ** 127n - 1n,
  'eip155 native': 2n ** 256n - 1n,
  'eip155 erc20': 2n ** 256n - 1n,
};

/** An asset that the policy lists. `field` is its path in the file. */
export interface ListedAsset {
  readonly asset: Asset;
  readonly limits: AssetLimits;
  readonly wasmHash?: string;
  readonly field: readonly PropertyKey[];
}

/** Every asset that is listed rightly; an issue for every other one. */
export function listedAssets(file: z.infer<typeof assetRules>, chain: ChainId, at: Checker): ListedAsset[] {
  const seen = new Set<string>();
  return present(
    Object.entries(file).map(([text, entry]) => {
      const field = ['assets', text];
      const asset = at.read(field, () => parseAssetId(text));
      if (asset === undefined) return undefined;
      if (asset.chain !== chain) return at.fail(field, `expected an asset of ${chain}`);
      if (seen.has(asset.id)) return at.fail(field, `expected ${asset.id} only once`);
      seen.add(asset.id);
      return listedAsset(asset, entry, field, at);
    }),
  );
}

function listedAsset(
  asset: Asset,
  entry: z.infer<typeof assetRules>[string],
  field: readonly PropertyKey[],
  at: Checker,
): ListedAsset | undefined {
  for (const word of ['decimals', 'wasm_hash'] as const) {
    const belongs = WORDS[asset.kind].includes(word);
    if (belongs && entry[word] === undefined) at.fail([...field, word], `is required for ${asset.kind} assets`);
    if (!belongs && entry[word] !== undefined) at.fail([...field, word], `does not belong to ${asset.kind} assets`);
  }
  const decimals = 'decimals' in asset ? asset.decimals : entry.decimals;
  if (decimals === undefined) return undefined;
  const most = MOST[`${asset.chain.split(':')[0]} ${asset.kind}`] ?? 0n;
  const amount = (word: 'max_per_payout' | 'max_per_transaction' | 'approval_above') => {
    const text = entry[word];
    return text === undefined ? undefined : at.read([...field, word], () => parseAmount(text, decimals, most));
  };
  const [maxPerPayout, maxPerTransaction, approvalAbove] = [
    amount('max_per_payout'),
    amount('max_per_transaction'),
    amount('approval_above'),
  ];
  if (maxPerPayout === undefined) return undefined;
  if (maxPerTransaction !== undefined && maxPerTransaction < maxPerPayout) {
    at.fail([...field, 'max_per_transaction'], 'expected at least `max_per_payout`');
  }
  if (approvalAbove !== undefined && approvalAbove > maxPerPayout) {
    at.fail([...field, 'approval_above'], 'expected at most `max_per_payout`: more than that is paid to nobody');
  }
  const least = maxPerTransaction ?? maxPerPayout;
  const windows = readWindows(entry.windows ?? [], { decimals, least, most }, at.in([...field, 'windows']));
  const limits = {
    decimals,
    maxPerPayout,
    ...(maxPerTransaction !== undefined && { maxPerTransaction }),
    ...(approvalAbove !== undefined && { approvalAbove }),
    windows,
    ...(asset.kind === 'issued' && { issuer: asset.issuer }),
  };
  return { asset, limits, ...(entry.wasm_hash !== undefined && { wasmHash: entry.wasm_hash }), field };
}
