import { parseAmount } from '@countersign/chains/amount';
import { type ChainId, nativeAsset, stellarChainId } from '@countersign/chains/caip';
import { parseStellarAccount, parseStellarDestination } from '@countersign/chains/stellar/address';
import { assetContract } from '@countersign/chains/stellar/contract';
import { z } from 'zod';
import { assetRules, type ListedAsset, listedAssets } from './assets.ts';
import { type Checker, present } from './checker.ts';
import { listedDestinations, stellarDestinations } from './destinations.ts';
import type { ContractPolicy, Destinations, KeyPart, NeverPaid, StellarKeyPolicy } from './policy.ts';
import { contractsOf, sorobanPolicy, sorobanRules } from './soroban-rules.ts';
import { DECIMAL, STELLAR_ACCOUNT } from './words.ts';

export const stellarRules = z.strictObject({
  network_passphrase: z.string().min(1).describe('the network, and no other, that is signed for'),
  account: STELLAR_ACCOUNT.describe('the account (`G…`) that pays: the source of every transfer'),
  channels: z
    .array(STELLAR_ACCOUNT)
    .min(1)
    .describe('the accounts (`G…`) that may be the source of a transaction; not `account`'),
  destinations: stellarDestinations,
  memo: z
    .enum(['none', 'any'])
    .optional()
    .describe('which memos payouts carry with `destinations: any`, and with that alone: in a list each entry says so'),
  assets: assetRules,
  max_fee: DECIMAL.describe(
    'the most that a whole transaction may offer, in lumens; of an invocation without its resource fee',
  ),
  max_lifetime_seconds: z.int().min(1).max(3600).describe('the most between now and the `maxTime` of a transaction'),
  allow_create_account: z.boolean().describe('whether a payout may create its destination'),
  soroban: sorobanRules.optional().describe('what may be done by contracts; without it no contract is called'),
});
type StellarRules = z.infer<typeof stellarRules>;

const MAX_UINT32 = 2n ** 32n - 1n;
// The public key of 32 zero bytes, which libsodium takes no signature for.
const ZERO_ACCOUNT = 'GAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAWHF';

/** The `stellar` part of a key; an issue at its path for everything in it that is wrong. */
export function stellarPolicy(rules: StellarRules, at: Checker): KeyPart<StellarKeyPolicy> | undefined {
  const chain = at.read('network_passphrase', () => stellarChainId(rules.network_passphrase));
  const account = at.read('account', () => parseStellarAccount(rules.account));
  const channels = rules.channels.map((text, i) => at.read(['channels', i], () => parseStellarAccount(text)));
  if (account !== undefined && channels.includes(account))
    at.fail('channels', 'expected accounts other than `account`');
  const listed = chain === undefined ? [] : listedAssets(rules.assets, chain, at);
  const own = present([account, ...channels]);
  refuseOwnAssets(listed, new Set(own), at);
  const contracts = contractsOf(rules.network_passphrase, listed, at);
  const neverPaid = neverPaidOn(rules.network_passphrase, chain, own, contracts);
  const destinations = destinationsOf(rules, neverPaid, at);
  const maxFee = at.read('max_fee', () => parseAmount(rules.max_fee, 7, MAX_UINT32));
  const soroban = rules.soroban && sorobanPolicy(rules.soroban, contracts, at.in('soroban'));
  if (rules.soroban === undefined) refuseTokenContracts(listed, at);
  if (chain === undefined || account === undefined || maxFee === undefined) return undefined;
  return {
    kind: 'stellar',
    chain,
    account,
    channels: new Set(present(channels)),
    destinations,
    neverPaid,
    assets: new Map(listed.map(({ asset, limits }) => [asset.id, limits])),
    maxFee,
    maxLifetime: BigInt(rules.max_lifetime_seconds),
    allowCreateAccount: rules.allow_create_account,
    ...(soroban && { soroban }),
  };
}

/** The contract of the native asset is one on every network, listed or not. */
function neverPaidOn(
  networkPassphrase: string,
  chain: ChainId | undefined,
  own: readonly string[],
  contracts: ReadonlyMap<string, ContractPolicy>,
): Map<string, NeverPaid> {
  const native = chain === undefined ? [] : [assetContract(networkPassphrase, nativeAsset(chain))];
  return new Map<string, NeverPaid>([
    [ZERO_ACCOUNT, 'nobody'],
    ...[...native, ...contracts.keys()].map((contract) => [contract, 'token'] as const),
    ...own.map((address) => [address, 'own'] as const),
  ]);
}

function destinationsOf(
  { destinations, memo, soroban }: StellarRules,
  neverPaid: ReadonlyMap<string, NeverPaid>,
  at: Checker,
): Destinations {
  if (destinations === 'any') {
    if (memo === undefined) at.fail('memo', 'is needed with `destinations: any`');
    return { kind: 'any', memo: memo ?? 'none' };
  }
  if (memo !== undefined) at.fail('memo', 'stands with `destinations: any` alone: in a list each entry says its memos');
  const read = (text: string) => {
    const { kind, address } = parseStellarDestination(text);
    if (kind === 'contract' && soroban === undefined) {
      throw new Error('expected an account: a contract is paid under `soroban` alone');
    }
    return address;
  };
  return { kind: 'listed', memos: listedDestinations(destinations, read, neverPaid, at) };
}

/** A payment by the issuer makes new money: no balance would bound it. */
function refuseOwnAssets(listed: readonly ListedAsset[], own: ReadonlySet<string>, at: Checker): void {
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
