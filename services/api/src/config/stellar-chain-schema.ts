import { stellarChainId } from '@countersign/chains/caip';
import { assetContract } from '@countersign/chains/stellar/contract';
import { StrKey } from '@stellar/stellar-sdk/base';
import { z } from 'zod';
import { assetsSchema, configuredAssets } from './assets-schema.ts';
import { integer, keyId, rpcUrl } from './chain-fields.ts';
import type { ConfiguredAsset, SorobanTerms, StellarChainConfig, StellarTreasury } from './chains.ts';

const account = z
  .string()
  .refine((text) => StrKey.isValidEd25519PublicKey(text), 'expected a Stellar account (G…, StrKey)');

const soroban = z
  .strictObject({
    // At the five seconds of a ledger, from half a minute to an hour and a half.
    authorization_ledgers: z
      .int()
      .min(6)
      .max(1_000)
      .describe('how many ledgers after its building an authorization may be used'),
    max_resource_fee: integer.describe('the most that a transaction offers for its resources, in stroops'),
  })
  .transform(
    (terms): SorobanTerms => ({
      authorizationLedgers: BigInt(terms.authorization_ledgers),
      maxResourceFee: terms.max_resource_fee,
    }),
  );

const stellarTreasury = z
  .strictObject({
    key: keyId,
    account: account.describe('the account (`G…`) that pays'),
    channels: z
      .array(account)
      .min(1)
      .max(1000)
      .describe(
        'the accounts (`G…`) that transactions come from, each for one treasury; payouts run side by side on them',
      ),
    inclusion_fee: integer.describe('what is offered at first, in stroops an operation'),
    max_inclusion_fee: integer.describe('what is offered at most, in stroops an operation; at least `inclusion_fee`'),
    lifetime_seconds: z.int().min(60).max(300).describe('how long a transaction may be included after it was built'),
    soroban: soroban
      .optional()
      .describe('that it pays by contract calls too, tokens of SEP-41 and payouts to contracts, and on what terms'),
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
      ...(treasury.soroban !== undefined && { soroban: treasury.soroban }),
    }),
  );

/** An entry of `chains` whose chain is `stellar:…`. */
export const stellarChain = z
  .strictObject({
    chain: z.string().describe('CAIP-2 id of the network; it has to be the one that the passphrase names'),
    network_passphrase: z.string().min(1).describe('what the network calls itself'),
    rpc_url: rpcUrl,
    assets: assetsSchema,
    treasuries: z.array(stellarTreasury).min(1).describe('who pays; the first one, where a payout names none'),
  })
  .transform((entry, ctx): StellarChainConfig => {
    const chain = stellarChainId(entry.network_passphrase);
    if (chain !== entry.chain) {
      ctx.addIssue({ code: 'custom', path: ['chain'], message: `expected ${chain}, which the passphrase names` });
      return z.NEVER;
    }
    const assets = configuredAssets(chain, entry.assets, (path, message) =>
      ctx.addIssue({ code: 'custom', path: ['assets', ...path], message }),
    );
    for (const [path, message] of unpayable(assets, entry.treasuries, entry.network_passphrase)) {
      ctx.addIssue({ code: 'custom', path, message });
    }
    return {
      kind: 'stellar',
      chain,
      networkPassphrase: entry.network_passphrase,
      rpcUrl: entry.rpc_url,
      assets,
      treasuries: entry.treasuries,
    };
  });

/** Assets of a Stellar chain that no payout could ever be in. */
function* unpayable(
  assets: readonly ConfiguredAsset[],
  treasuries: readonly StellarTreasury[],
  networkPassphrase: string,
): Generator<[(string | number)[], string]> {
  const classic = assets.filter(({ kind }) => kind === 'native' || kind === 'issued');
  const wrapped = new Set(classic.map(({ id }) => assetContract(networkPassphrase, id)));
  const payers = new Set(treasuries.map(({ account }) => account));
  for (const asset of assets) {
    // The native one is no entry of the list.
    const path = ['assets', assets.indexOf(asset) - 1, 'asset'];
    if (asset.kind === 'issued' && payers.has(asset.issuer))
      yield [path, 'its issuer is a treasury: a payout would mint it'];
    if (asset.kind !== 'sep41') continue;
    if (wrapped.has(asset.contract)) {
      yield [path, 'the contract stands for a classic asset, which is configured under its own id'];
    }
    if (treasuries.every(({ soroban: terms }) => terms === undefined)) {
      yield [path, 'a token contract, but no treasury of the chain has soroban'];
    }
  }
}
