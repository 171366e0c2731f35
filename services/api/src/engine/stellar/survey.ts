import { nativeAsset } from '@countersign/chains/caip';
import { StrKey, type xdr } from '@stellar/stellar-sdk/base';
import { amountsInFlight, type Payout, payoutIds } from '../payouts.ts';
import {
  accountKey,
  accountsIn,
  baseAccount,
  LEAST_NEW_BALANCE,
  type LedgerAccount,
  memoRequiredIn,
  memoRequiredKey,
} from './account.ts';
import type { StellarContext } from './context.ts';
import { frozenKeysIn } from './frozen-keys.ts';
import type { Surroundings } from './judge.ts';
import { readEntries } from './read-entries.ts';
import { holdingKeys, holdingsIn } from './treasury.ts';
import { issued, linesIn, trustlineKey } from './trustline.ts';

/** A look at the ledger before a transaction is planned. */
export interface Survey {
  /** The newest ledger that the node knew. */
  readonly ledger: bigint;
  /** The channel account; undefined when it is not on the ledger. */
  readonly channel: LedgerAccount | undefined;
  /** Whether the network lets no transaction use the channel account. */
  readonly channelFrozen: boolean;
  readonly surroundings: Surroundings;
  /** What inclusion lately cost, stroops an operation. */
  readonly inclusionFee: bigint;
}

/** Reads all that a batch depends on: the payer's side at one ledger, and each destination's. */
export async function survey(context: StellarContext, channel: string, payouts: readonly Payout[]): Promise<Survey> {
  const { rpc, pool, chain, treasury } = context;
  const destinations = destinationKeys(payouts);
  const accounts = [...destinations.keys()];
  const assets = [...new Set(payouts.map(({ asset }) => asset))];
  const [{ ledger, entries }, inclusionFee, inFlight, beingCreated, awaited] = await Promise.all([
    readEntries(rpc, [[accountKey(channel), ...holdingKeys(context, assets)], ...destinations.values()]),
    rpc.inclusionFee(),
    amountsInFlight(pool, chain.chain, treasury.key, payoutIds(payouts)),
    createdElsewhere(context, channel, accounts),
    createdLater(context, payouts, accounts),
  ]);
  const existing = accountsIn(entries);
  const frozen = frozenKeysIn(entries);
  return {
    ledger,
    channel: existing.get(channel),
    channelFrozen: frozen.has(accountKey(channel)),
    surroundings: {
      existing: new Set(existing.keys()),
      memoRequired: memoRequiredIn(entries),
      lines: linesIn(entries),
      frozen,
      beingCreated,
      awaited,
      holdings: holdingsIn(context, assets, entries, inFlight),
    },
    inclusionFee,
  };
}

/** By account, all that there is to know of it for these payouts. */
function destinationKeys(payouts: readonly Payout[]): ReadonlyMap<string, readonly xdr.LedgerKey[]> {
  const ofAccount = Map.groupBy(payouts.filter(isAccount), ({ destination }) => baseAccount(destination));
  return new Map(
    [...ofAccount].map(([account, own]) => {
      const lines = [...new Set(own.map(({ asset }) => asset))].flatMap((asset) => issued(asset) ?? []);
      return [
        account,
        [
          accountKey(account),
          ...(own.some(couldLackMemo) ? [memoRequiredKey(account)] : []),
          ...lines.map((asset) => trustlineKey(account, asset)),
        ],
      ];
    }),
  );
}

function isAccount({ destination }: Payout): boolean {
  return StrKey.isValidEd25519PublicKey(destination) || StrKey.isValidMed25519PublicKey(destination);
}

function couldLackMemo({ destination, memo }: Payout): boolean {
  return memo === undefined && StrKey.isValidEd25519PublicKey(destination);
}

async function createdElsewhere(
  { pool, chain }: StellarContext,
  channel: string,
  accounts: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ destination: string }>(
    `select distinct p.destination from stellar_attempts a
     join stellar_attempt_payouts ap on ap.attempt_id = a.id and ap.create_account
     join payouts p on p.id = ap.payout_id
     where a.chain = $1 and a.state in ('built', 'signed') and a.channel <> $2 and p.destination = any($3)`,
    [chain.chain, channel, accounts],
  );
  return new Set(rows.map(({ destination }) => destination));
}

async function createdLater(
  { pool, chain, treasury }: StellarContext,
  payouts: readonly Payout[],
  accounts: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ destination: string }>(
    `select distinct destination from payouts
     where chain = $1 and key_id = $2 and status in ('created', 'needs_approval', 'approved') and asset = $6 and amount >= $3 and destination = any($4)
       and id <> all($5)`,
    [chain.chain, treasury.key, LEAST_NEW_BALANCE, accounts, payoutIds(payouts), nativeAsset(chain.chain)],
  );
  return new Set(rows.map(({ destination }) => destination));
}

/**
 * Whether a look at the ledger is older than the newest payment of the treasury that is known to be on it: accounts that
 * exist would seem absent. Asked after the look, so that no payment in flight at the look can have ended unseen.
 */
export async function isBehind({ pool, chain, treasury }: StellarContext, ledger: bigint): Promise<boolean> {
  const { rows } = await pool.query<{ newest: string | null }>(
    `select max((e.detail ->> 'ledger')::bigint)::text as newest from unnest($2::text[]) as c (address)
     cross join lateral (
       select id from stellar_attempts a where a.chain = $1 and a.channel = c.address and a.state = 'succeeded'
       order by a.sequence desc limit 1) a
     cross join lateral (select payout_id from stellar_attempt_payouts where attempt_id = a.id limit 1) p
     join payout_events e on e.payout_id = p.payout_id and e.to_status = 'completed'`,
    [chain.chain, treasury.channels],
  );
  const newest = rows[0]?.newest ?? null;
  return newest !== null && ledger < BigInt(newest);
}
