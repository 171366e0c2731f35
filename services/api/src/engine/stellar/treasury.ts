import type { AssetId } from '@countersign/chains/caip';
import type { xdr } from '@stellar/stellar-sdk/base';
import type { PayoutReason } from '../move-payouts.ts';
import { amountsInFlight } from '../payouts.ts';
import { accountKey, accountsIn } from './account.ts';
import type { StellarContext } from './context.ts';
import { FROZEN_KEYS, type FrozenKeys, frozenKeysIn } from './frozen-keys.ts';
import { readEntries } from './read-entries.ts';
import { issued, lineName, linesIn, trustlineKey } from './trustline.ts';

/** What a treasury has of an asset. */
export interface Holding {
  /** What it can pay out beside what is in flight, in smallest units; never negative. */
  readonly available: bigint;
  /** Why it cannot pay any of the asset. */
  readonly paused: PayoutReason | undefined;
}

export type Holdings = ReadonlyMap<AssetId, Holding>;

const NO_TRUSTLINE: PayoutReason = {
  code: 'TREASURY_NO_TRUSTLINE',
  detail: 'the treasury has no trustline for the asset',
};
const NOT_AUTHORIZED: PayoutReason = {
  code: 'TREASURY_NOT_AUTHORIZED',
  detail: 'the issuer does not let the treasury pay the asset',
};
const FROZEN: PayoutReason = {
  code: 'TREASURY_FROZEN',
  detail: "the network has frozen the treasury's account or trustline",
};

/** The entries that tell what the treasury has of these assets. */
export function holdingKeys(
  { treasury }: Pick<StellarContext, 'treasury'>,
  assets: readonly AssetId[],
): xdr.LedgerKey[] {
  const lines = assets.flatMap((asset) => {
    const named = issued(asset);
    return named === undefined ? [] : [trustlineKey(treasury.account, named)];
  });
  return [FROZEN_KEYS, accountKey(treasury.account), ...lines];
}

/** What the treasury has of each of the assets, native or issued. `inFlight` is what it has spent already. */
export function holdingsIn(
  { treasury }: Pick<StellarContext, 'treasury'>,
  assets: readonly AssetId[],
  entries: readonly xdr.LedgerEntryData[],
  inFlight: ReadonlyMap<AssetId, bigint>,
): Holdings {
  const frozen = frozenKeysIn(entries);
  const lines = linesIn(entries);
  const spendable = accountsIn(entries).get(treasury.account)?.spendable ?? 0n;
  const left = (asset: AssetId, held: bigint) => {
    const available = held - (inFlight.get(asset) ?? 0n);
    return available > 0n ? available : 0n;
  };
  return new Map(
    assets.map((asset): [AssetId, Holding] => {
      const named = issued(asset);
      const line = named && lines.get(lineName(treasury.account, named));
      if (isFrozen(treasury.account, asset, frozen)) return [asset, { available: 0n, paused: FROZEN }];
      if (named === undefined) return [asset, { available: left(asset, spendable), paused: undefined }];
      if (line === undefined) return [asset, { available: 0n, paused: NO_TRUSTLINE }];
      if (!line.authorized) return [asset, { available: 0n, paused: NOT_AUTHORIZED }];
      return [asset, { available: left(asset, line.available), paused: undefined }];
    }),
  );
}

// The source of an operation is touched whatever it pays.
function isFrozen(account: string, asset: AssetId, frozen: FrozenKeys): boolean {
  const named = issued(asset);
  return frozen.has(accountKey(account)) || (named !== undefined && frozen.has(trustlineKey(account, named)));
}

/** Looks up what the treasury has of these assets now. */
export async function lookUpHoldings(context: StellarContext, assets: readonly AssetId[]): Promise<Holdings> {
  const { rpc, pool, chain, treasury } = context;
  const [{ entries }, inFlight] = await Promise.all([
    readEntries(
      rpc,
      holdingKeys(context, assets).map((key) => [key]),
    ),
    amountsInFlight(pool, chain.chain, treasury.key),
  ]);
  return holdingsIn(context, assets, entries, inFlight);
}
