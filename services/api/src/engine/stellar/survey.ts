import { StrKey } from '@stellar/stellar-sdk/base';
import { amountInFlight, type Payout, payoutIds } from '../payouts.ts';
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
import type { Surroundings } from './plan.ts';

/** A look at the ledger before a transaction is planned. */
export interface Survey {
  /** The newest ledger that the node knew. */
  readonly ledger: bigint;
  /** The channel account; undefined when it is not on the ledger. */
  readonly channel: LedgerAccount | undefined;
  readonly surroundings: Surroundings;
  /** What inclusion lately cost, stroops an operation. */
  readonly inclusionFee: bigint;
}

/** Reads all that a batch depends on: at most 99 payouts make at most 200 ledger keys, which is one call. */
export async function survey(context: StellarContext, channel: string, payouts: readonly Payout[]): Promise<Survey> {
  const { rpc, pool, chain, treasury } = context;
  const accounts = new Set([
    treasury.account,
    channel,
    ...payouts.filter(isAccount).map((p) => baseAccount(p.destination)),
  ]);
  const askedForMemo = new Set(payouts.filter(couldLackMemo).map((p) => p.destination));
  const keys = [...[...accounts].map(accountKey), ...[...askedForMemo].map(memoRequiredKey)];
  const [{ ledger, entries }, inclusionFee, inFlight, beingCreated, awaited] = await Promise.all([
    rpc.entries(keys),
    rpc.inclusionFee(),
    amountInFlight(pool, chain.chain, treasury.key, payoutIds(payouts)),
    createdElsewhere(context, channel, [...accounts]),
    createdLater(context, payouts, [...accounts]),
  ]);
  const existing = accountsIn(entries);
  const available = (existing.get(treasury.account)?.spendable ?? 0n) - inFlight;
  return {
    ledger,
    channel: existing.get(channel),
    surroundings: {
      existing: new Set(existing.keys()),
      memoRequired: memoRequiredIn(entries),
      beingCreated,
      awaited,
      available: available > 0n ? available : 0n,
    },
    inclusionFee,
  };
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
     where chain = $1 and key_id = $2 and status = 'created' and amount >= $3 and destination = any($4) and id <> all($5)`,
    [chain.chain, treasury.key, LEAST_NEW_BALANCE, accounts, payoutIds(payouts)],
  );
  return new Set(rows.map(({ destination }) => destination));
}

/** What the treasury could pay out now, stroops. */
export async function affordable({ rpc, pool, chain, treasury }: StellarContext): Promise<bigint> {
  const [{ entries }, inFlight] = await Promise.all([
    rpc.entries([accountKey(treasury.account)]),
    amountInFlight(pool, chain.chain, treasury.key),
  ]);
  const available = (accountsIn(entries).get(treasury.account)?.spendable ?? 0n) - inFlight;
  return available > 0n ? available : 0n;
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
