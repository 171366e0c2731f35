import { type ChainId, evmChainId } from '@countersign/chains/caip';
import { parseEvmAddress } from '@countersign/chains/evm/address';
import { z } from 'zod';
import { assetsSchema, configuredAssets } from './assets-schema.ts';
import { integer, keyId, rpcUrl } from './chain-fields.ts';
import type { EvmChainConfig, EvmTreasury } from './chains.ts';

const evmAddress = z.string().transform((text, ctx) => {
  try {
    return parseEvmAddress(text);
  } catch {
    ctx.addIssue({ code: 'custom', message: 'expected an EVM address (0x and 40 hex digits, EIP-55)' });
    return z.NEVER;
  }
});

const evmTreasury = z
  .strictObject({
    key: keyId,
    address: evmAddress.describe('the address that pays (`0x` and 40 hex digits, EIP-55)'),
    max_fee_per_gas: integer.describe('what is offered for gas at most, tip included, in wei'),
    replace_after_seconds: z
      .int()
      .min(1)
      .max(86_400)
      .describe('after this long without being mined a transaction is replaced with higher fees'),
  })
  .transform(
    (treasury): EvmTreasury => ({
      key: treasury.key,
      address: treasury.address,
      maxFeePerGas: treasury.max_fee_per_gas,
      replaceAfterSeconds: treasury.replace_after_seconds,
    }),
  );

/** An entry of `chains` whose chain is `eip155:…`. */
export const evmChain = z
  .strictObject({
    chain: z.string().describe('CAIP-2 id of the chain: `eip155:<chain id>`'),
    rpc_url: rpcUrl,
    finality: z
      .union([z.literal('finalized'), z.int().min(1).max(10_000)], {
        error: 'expected finalized or a number of blocks from 1 to 10000',
      })
      .describe('when a payment counts as made: the node’s `finalized` block, or a depth in blocks'),
    assets: assetsSchema,
    treasuries: z.array(evmTreasury).min(1).describe('who pays; the first one, where a payout names none'),
  })
  .transform((entry, ctx): EvmChainConfig => {
    const chainId = BigInt(/^eip155:([1-9][0-9]{0,19})$/.exec(entry.chain)?.[1] ?? 0);
    let chain: ChainId;
    try {
      chain = evmChainId(chainId);
    } catch {
      ctx.addIssue({ code: 'custom', path: ['chain'], message: 'expected eip155:<chain id>' });
      return z.NEVER;
    }
    return {
      kind: 'evm',
      chain,
      chainId,
      rpcUrl: entry.rpc_url,
      finality: entry.finality,
      assets: configuredAssets(chain, entry.assets, (path, message) =>
        ctx.addIssue({ code: 'custom', path: ['assets', ...path], message }),
      ),
      treasuries: entry.treasuries,
    };
  });
