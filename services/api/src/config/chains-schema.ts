import { evmChainId, stellarChainId } from '@countersign/chains/caip';
import { parseEvmAddress } from '@countersign/chains/evm/address';
import { StrKey } from '@stellar/stellar-sdk/base';
import { z } from 'zod';
import type {
  ChainConfig,
  ChainsConfig,
  EvmChainConfig,
  EvmTreasury,
  StellarChainConfig,
  StellarTreasury,
} from './chains.ts';

const keyId = z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/, 'expected 1–64 characters of [A-Za-z0-9._:-]');

const account = z
  .string()
  .refine((text) => StrKey.isValidEd25519PublicKey(text), 'expected a Stellar account (G…, StrKey)');

const evmAddress = z.string().transform((text, ctx) => {
  try {
    return parseEvmAddress(text);
  } catch {
    ctx.addIssue({ code: 'custom', message: 'expected an EVM address (0x and 40 hex digits, EIP-55)' });
    return z.NEVER;
  }
});

// Quoted, so that YAML's floating-point numbers never hold money.
const integer = z
  .string({ error: 'expected a quoted decimal integer' })
  .regex(/^[1-9][0-9]{0,29}$/, 'expected a positive decimal integer of at most 30 digits')
  .transform((text) => BigInt(text));

const rpcUrl = z.string().refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
  error: 'expected an http or https URL',
});

const stellarTreasury = z
  .strictObject({
    key: keyId,
    account,
    channels: z.array(account).min(1).max(1000),
    inclusion_fee: integer,
    max_inclusion_fee: integer,
    lifetime_seconds: z.int().min(60).max(300),
  })
  .refine((treasury) => treasury.max_inclusion_fee >= treasury.inclusion_fee, {
    path: ['max_inclusion_fee'],
    error: 'expected at least inclusion_fee',
  })
  .transform(
    (treasury): StellarTreasury => ({
      key: treasury.key,
      account: treasury.account,
      channels: treasury.channels,
      inclusionFee: treasury.inclusion_fee,
      maxInclusionFee: treasury.max_inclusion_fee,
      lifetimeSeconds: treasury.lifetime_seconds,
    }),
  );

const evmTreasury = z
  .strictObject({
    key: keyId,
    address: evmAddress,
    max_fee_per_gas: integer,
    replace_after_seconds: z.int().min(1).max(86_400),
  })
  .transform(
    (treasury): EvmTreasury => ({
      key: treasury.key,
      address: treasury.address,
      maxFeePerGas: treasury.max_fee_per_gas,
      replaceAfterSeconds: treasury.replace_after_seconds,
    }),
  );

const stellarChain = z
  .strictObject({
    chain: z.string(),
    network_passphrase: z.string().min(1),
    rpc_url: rpcUrl,
    treasuries: z.array(stellarTreasury).min(1),
  })
  .transform((entry, ctx): StellarChainConfig => {
    const chain = stellarChainId(entry.network_passphrase);
    if (chain !== entry.chain) {
      ctx.addIssue({ code: 'custom', path: ['chain'], message: `expected ${chain}, which the passphrase names` });
    }
    return {
      kind: 'stellar',
      chain,
      networkPassphrase: entry.network_passphrase,
      rpcUrl: entry.rpc_url,
      treasuries: entry.treasuries,
    };
  });

const evmChain = z
  .strictObject({
    chain: z.string(),
    rpc_url: rpcUrl,
    finality: z.union([z.literal('finalized'), z.int().min(1).max(10_000)], {
      error: 'expected finalized or a number of blocks from 1 to 10000',
    }),
    treasuries: z.array(evmTreasury).min(1),
  })
  .transform((entry, ctx): EvmChainConfig => {
    const chainId = BigInt(/^eip155:([1-9][0-9]{0,19})$/.exec(entry.chain)?.[1] ?? 0);
    try {
      return {
        kind: 'evm',
        chain: evmChainId(chainId),
        chainId,
        rpcUrl: entry.rpc_url,
        finality: entry.finality,
        treasuries: entry.treasuries,
      };
    } catch {
      ctx.addIssue({ code: 'custom', path: ['chain'], message: 'expected eip155:<chain id>' });
      return z.NEVER;
    }
  });

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
  .strictObject({ chains: z.array(chain).min(1) })
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
      const address = 'account' in treasury ? treasury.account : treasury.address;
      if (repeats(`${entry.chain} ${treasury.key}`)) yield [[...path, 'key'], 'the key is there twice on this chain'];
      if (repeats(`${entry.chain} ${address}`)) yield [path, 'the account is used twice on this chain'];
      if (!('channels' in treasury)) continue;
      for (const [k, channel] of treasury.channels.entries()) {
        if (repeats(`${entry.chain} ${channel}`)) {
          yield [[...path, 'channels', k], 'the account is used twice on this chain'];
        }
      }
    }
  }
}
