import { parseAmount } from '@countersign/chains/amount';
import { stellarChainId } from '@countersign/chains/caip';
import { parseStellarAccount, parseStellarDestination } from '@countersign/chains/stellar/address';
import { z } from 'zod';
import { assetRules, type ListedAsset, listedAssets } from './assets.ts';
import { type Checker, present } from './checker.ts';
import type { Callers, StellarKeyPolicy } from './policy.ts';
import { contractsOf, sorobanPolicy, sorobanRules } from './soroban-rules.ts';

export const stellarRules = z.strictObject({
  network_passphrase: z.string().min(1).describe('the network, and no other, that is signed for'),
  account: z.string().describe('the account (`G…`) that pays: the source of every transfer'),
  channels: z
    .array(z.string())
    .min(1)
    .describe('the accounts (`G…`) that may be the source of a transaction; not `account`'),
  destinations: z
    .array(z.string())
    .describe(
      'who may be paid, exactly: accounts (`G…`), muxed ones (`M…`, each by itself) and contracts (`C…`, with `soroban` alone)',
    ),
  assets: assetRules,
  max_fee: z
    .string()
    .describe('the most that a whole transaction may offer, in lumens; of an invocation without its resource fee'),
  max_lifetime_seconds: z.int().min(1).max(3600).describe('the most between now and the `maxTime` of a transaction'),
  allow_create_account: z.boolean().describe('whether a payout may create its destination'),
  soroban: sorobanRules.optional().describe('what may be done by contracts; without it no contract is called'),
});
type StellarRules = z.infer<typeof stellarRules>;

const MAX_UINT32 = 2n ** 32n - 1n;

/** The `stellar` part of a key; an issue at its path for everything in it that is wrong. */
export function stellarPolicy(callers: Callers, rules: StellarRules, at: Checker): StellarKeyPolicy | undefined {
  const chain = at.read('network_passphrase', () => stellarChainId(rules.network_passphrase));
  const account = at.read('account', () => parseStellarAccount(rules.account));
  const channels = rules.channels.map((text, i) => at.read(['channels', i], () => parseStellarAccount(text)));
  if (account !== undefined && channels.includes(account))
    at.fail('channels', 'expected accounts other than `account`');
  const listed = chain === undefined ? [] : listedAssets(rules.assets, chain, at);
  refuseOwnAssets(listed, new Set([account, ...channels]), at);
  const contracts = contractsOf(rules.network_passphrase, listed, at);
  const destinations = destinationsOf(rules, new Set([account, ...channels]), new Set(contracts.keys()), at);
  const maxFee = at.read('max_fee', () => parseAmount(rules.max_fee, 7, MAX_UINT32));
  const soroban = rules.soroban && sorobanPolicy(rules.soroban, contracts, at.in('soroban'));
  if (rules.soroban === undefined) refuseTokenContracts(listed, at);
  if (chain === undefined || account === undefined || maxFee === undefined) return undefined;
  return {
    kind: 'stellar',
    callers,
    chain,
    account,
    channels: new Set(present(channels)),
    feeWindows: [],
    destinations: new Set(destinations),
    assets: new Map(listed.map(({ asset, limits }) => [asset.id, limits])),
    maxFee,
    maxLifetime: BigInt(rules.max_lifetime_seconds),
    allowCreateAccount: rules.allow_create_account,
    ...(soroban && { soroban }),
  };
}

function destinationsOf(
  { destinations, soroban }: StellarRules,
  own: ReadonlySet<string | undefined>,
  tokens: ReadonlySet<string>,
  at: Checker,
): string[] {
  return present(
    destinations.map((text, i) =>
      at.read(['destinations', i], () => {
        const destination = parseStellarDestination(text);
        if (destination.kind === 'contract') {
          if (soroban === undefined) throw new Error('expected an account: a contract is paid under `soroban` alone');
          if (tokens.has(text)) throw new Error('expected a holder, got the contract of a listed asset');
        } else if (own.has(destination.account)) {
          throw new Error('expected an account that is not our own');
        }
        return destination.address;
      }),
    ),
  );
}

/** A payment by the issuer makes new money: no balance would bound it. */
function refuseOwnAssets(listed: readonly ListedAsset[], own: ReadonlySet<string | undefined>, at: Checker): void {
  for (const { asset, field } of listed) {
    if (asset.kind === 'issued' && own.has(asset.issuer))
      at.fail(field, 'expected an issuer that is not our own account');
  }
}

function refuseTokenContracts(listed: readonly ListedAsset[], at: Checker): void {
  for (const { asset, field } of listed) {
    if (asset.kind === 'sep41') at.fail(field, 'a token contract is called under `soroban` alone');
  }
}
