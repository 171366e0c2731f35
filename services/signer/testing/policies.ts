import { type AssetId, type ChainId, nativeAsset } from '@countersign/chains/caip';
import type { EvmKeyPolicy, StellarKeyPolicy } from '@countersign/policy/schema';
import type { Window } from '../src/reservation/charge.ts';

/** The limits of a key over time. */
export interface Limits {
  /** Of the native asset, unless `assets` says otherwise. */
  readonly windows?: readonly Window[];
  readonly assets?: ReadonlyMap<AssetId, readonly Window[]>;
  readonly feeWindows?: readonly { readonly seconds: number; readonly maxAmount: bigint }[];
  /** EVM alone. */
  readonly maxNoncesAhead?: bigint;
}

/** A policy that names nobody: what is reserved was allowed before. */
export function stellarPolicy(limits: Limits): StellarKeyPolicy {
  return {
    kind: 'stellar',
    ...base('stellar:testnet' as ChainId, limits),
    account: 'TREASURY',
    channels: new Set(['CHANNEL']),
    maxFee: 0n,
    maxLifetime: 0n,
    allowCreateAccount: false,
  };
}

export function evmPolicy(limits: Limits): EvmKeyPolicy {
  return {
    kind: 'evm',
    ...base('eip155:1' as ChainId, limits),
    maxGasLimit: 0n,
    maxFeePerGas: 0n,
    maxPriorityFeePerGas: 0n,
    maxNoncesAhead: limits.maxNoncesAhead ?? 16n,
  };
}

function base(
  chain: ChainId,
  { windows = [], assets = new Map([[nativeAsset(chain), windows]]), feeWindows = [] }: Limits,
) {
  return {
    callers: new Map(),
    chain,
    destinations: { kind: 'any', memo: 'any' },
    neverPaid: new Map(),
    assets: new Map([...assets].map(([asset, each]) => [asset, { maxPerPayout: 0n, decimals: 0, windows: each }])),
    feeWindows,
  } as const;
}
