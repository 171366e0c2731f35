import type { PoolClient } from '@countersign/runtime/postgres';
import type { Payout } from '../payouts.ts';
import type { Attempt } from './attempts.ts';
import type { StellarContext } from './context.ts';
import type { Judged } from './plan.ts';

/** The transaction touched an account or a trustline that the network has frozen (CAP-77); nothing tells which. */
export const FROZEN_KEY = 'TX_FROZEN_KEY_ACCESSED';

interface FrozenVerdict {
  readonly guilty: readonly Judged[];
  /** How many of the batch to try next, where nobody could be named; null: as many as there are. */
  readonly limit: number | null | undefined;
}

export const NOT_FROZEN: FrozenVerdict = { guilty: [], limit: undefined };

/**
 * Whom a refusal for a frozen key is about. The next plan asks the network which keys it has frozen, and that names them;
 * only where a refusal follows that plan too is the batch tried in halves, down to the single payout.
 */
export function judgeFrozen(payouts: readonly Payout[], refusedBefore: number): FrozenVerdict {
  if (refusedBefore === 0) return NOT_FROZEN;
  const [only] = payouts;
  if (only === undefined || payouts.length > 1) return { guilty: [], limit: Math.ceil(payouts.length / 2) };
  const reason = { code: FROZEN_KEY, detail: "the network has frozen the destination's account or trustline" };
  // The others had no part in it.
  return { guilty: [{ payout: only, reason }], limit: null };
}

/** How often a transaction in the same lane was refused for a frozen key before this one. */
export async function frozenBefore(sql: PoolClient, { chain }: StellarContext, attempt: Attempt): Promise<number> {
  const { rows } = await sql.query<{ count: string }>(
    `select count(*) from stellar_attempts
     where chain = $1 and channel = $2 and lane_start = $3 and id <> $4 and outcome = $5`,
    [chain.chain, attempt.channel, attempt.laneStart, attempt.id, FROZEN_KEY],
  );
  return Number(rows[0]?.count ?? 0);
}
