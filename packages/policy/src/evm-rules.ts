import { evmChainId } from '@countersign/chains/caip';
import { parseEvmAddress, ZERO_ADDRESS } from '@countersign/chains/evm/address';
import { z } from 'zod';
import { assetRules, listedAssets } from './assets.ts';
import type { Checker } from './checker.ts';
import { evmDestinations, listedDestinations } from './destinations.ts';
import type { Destinations, EvmKeyPolicy, KeyPart, NeverPaid } from './policy.ts';

const integer = z.string().regex(/^(0|[1-9][0-9]{0,77})$/, 'expected a decimal integer in quotes');

export const evmRules = z.strictObject({
  chain_id: z.int().min(1).describe('the chain (EIP-155), and no other, that is signed for'),
  destinations: evmDestinations,
  assets: assetRules,
  max_gas_limit: z.int().min(21_000).max(30_000_000).describe('the most gas that a transaction may use'),
  max_fee_per_gas: integer.describe('the most that a transaction may offer for gas, tip included, in wei'),
  max_priority_fee_per_gas: integer.describe('the most of it that may be a tip, in wei'),
  max_nonces_ahead: z
    .int()
    .min(1)
    .max(1024)
    .describe('how many nonces may be signed ahead of the lowest that is not final'),
});

/** The `evm` part of a key; an issue at its path for everything in it that is wrong. */
export function evmPolicy(rules: z.infer<typeof evmRules>, at: Checker): KeyPart<EvmKeyPolicy> {
  const chain = evmChainId(BigInt(rules.chain_id));
  const listed = listedAssets(rules.assets, chain, at);
  const neverPaid = new Map<string, NeverPaid>([[ZERO_ADDRESS, 'nobody']]);
  for (const { asset } of listed) if ('contract' in asset) neverPaid.set(asset.contract, 'token');
  const destinations: Destinations =
    rules.destinations === 'any'
      ? { kind: 'any', memo: 'none' }
      : {
          kind: 'listed',
          memos: listedDestinations(rules.destinations, (text) => parseEvmAddress(text), neverPaid, at),
        };
  return {
    kind: 'evm',
    chain,
    destinations,
    neverPaid,
    assets: new Map(listed.map(({ asset, limits }) => [asset.id, limits])),
    maxGasLimit: BigInt(rules.max_gas_limit),
    maxFeePerGas: BigInt(rules.max_fee_per_gas),
    maxPriorityFeePerGas: BigInt(rules.max_priority_fee_per_gas),
    maxNoncesAhead: BigInt(rules.max_nonces_ahead),
  };
}
