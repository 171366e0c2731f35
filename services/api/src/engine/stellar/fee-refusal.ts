import { commit } from '../commit.ts';
import { notePayouts } from '../move-payouts.ts';
import { BACKOFF, type Next, NOW } from '../next.ts';
import { type Payout, payoutIds } from '../payouts.ts';
import { recordAttemptEvent } from './attempt-event.ts';
import { type Attempt, attemptsOn, finishAttempt } from './attempts.ts';
import type { StellarContext } from './context.ts';
import { boundAmong } from './lane.ts';
import type { Refusal } from './refusal.ts';

const FEE_ABOVE_LIMIT = 'FEE_ABOVE_LIMIT';

/** Whether policy refuses nothing but the fee. */
export function isAboutFee({ kind, reasons }: Refusal): boolean {
  return kind === 'denied' && reasons.length > 0 && reasons.every(({ code }) => code === FEE_ABOVE_LIMIT);
}

/** Whether the next attempt on the number has to bid the least. */
export function wasRefusedForFee({ state, outcome }: Pick<Attempt, 'state' | 'outcome'>): boolean {
  return state === 'refused' && outcome === FEE_ABOVE_LIMIT;
}

/**
 * The fee was too high for policy, by which nothing was bound. Payouts that are bound already, or one alone, are not at
 * fault: the next attempt bids the least, and where that is too much as well, they wait. Undefined where a smaller batch
 * is the better answer.
 */
export async function bidLess(
  context: StellarContext,
  attempt: Attempt,
  payouts: readonly Payout[],
  { reason }: Refusal,
): Promise<Next | undefined> {
  const ids = payoutIds(payouts);
  if (payouts.length > 1 && (await boundAmong(context.pool, ids)).size === 0) return undefined;
  const earlier = await attemptsOn(context, attempt.channel, attempt.sequence);
  if (earlier.some(wasRefusedForFee)) {
    await notePayouts(context.pool, ids, reason);
    return BACKOFF;
  }
  await commit(context, undefined, async (change) => {
    await finishAttempt(change.sql, attempt, 'refused', FEE_ABOVE_LIMIT);
    await recordAttemptEvent(context, change, 'SignTransaction', attempt, payouts, { error: reason });
  });
  return NOW;
}
