import { StrKey } from '@stellar/stellar-sdk/base';
import { amountInFlight, type Payout, payoutIds } from '../payouts.ts';
import { accountKey, accountsIn, baseAccount, type LedgerAccount, memoRequiredIn, memoRequiredKey } from './account.ts';
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
  const [{ ledger, entries }, inclusionFee, inFlight, beingCreated] = await Promise.all([
    rpc.entries(keys),
    rpc.inclusionFee(),
    amountInFlight(pool, chain.chain, treasury.key, payoutIds(payouts)),
    createdElsewhere(context, channel, [...accounts]),
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
