import { z } from 'zod';
import { accountOf } from './account-of.ts';
import type { ChainConfig, ChainsConfig } from './chains.ts';
import { evmChain } from './evm-chain-schema.ts';
import { stellarChain } from './stellar-chain-schema.ts';

const namespaced = z.looseObject({
  chain: z.string().regex(/^(stellar|eip155):/, 'expected stellar:… or eip155:…'),
});

// The namespace decides which of the two it is, so that a mistake is told in terms of that one alone.
const chain = z.unknown().transform((entry, ctx): ChainConfig => {
  const named = namespaced.safeParse(entry);
  const schema = named.data?.chain.startsWith('stellar:') ? stellarChain : evmChain;
  const read = named.success ? schema.safeParse(entry) : named;
  if (read.success) return read.data;
  for (const issue of read.error.issues) ctx.issues.push({ ...issue, input: entry } as z.core.$ZodRawIssue);
  return z.NEVER;
});

/** The schema of CHAINS_FILE. Money is a quoted integer in the smallest unit (stroop, wei). */
export const chainsSchema = z
  .strictObject({ chains: z.array(chain).min(1).describe('each network once') })
  .superRefine((config, ctx) => {
    for (const [path, message] of conflicts(config.chains)) ctx.addIssue({ code: 'custom', path, message });
  })
  .transform((config): ChainsConfig => config);

/** Names that must not be used twice: a channel account pays for one treasury, a key once on a chain. */
function* conflicts(chains: readonly ChainConfig[]): Generator<[(string | number)[], string]> {
  const seen = new Set<string>();
  const repeats = (name: string) => seen.size === seen.add(name).size;
  for (const [i, entry] of chains.entries()) {
    if (repeats(entry.chain)) yield [['chains', i, 'chain'], 'the chain is there twice'];
    for (const [j, treasury] of entry.treasuries.entries()) {
      const path = ['chains', i, 'treasuries', j];
      if (repeats(`${entry.chain} ${treasury.key}`)) yield [[...path, 'key'], 'the key is there twice on this chain'];
      if (repeats(`${entry.chain} ${accountOf(treasury)}`)) yield [path, 'the account is used twice on this chain'];
      if (!('channels' in treasury)) continue;
      for (const [k, channel] of treasury.channels.entries()) {
        if (repeats(`${entry.chain} ${channel}`)) {
          yield [[...path, 'channels', k], 'the account is used twice on this chain'];
        }
      }
    }
  }
}
