import { type Change, commit } from '../commit.ts';
import { LIMIT_REACHED, noteLimit } from '../limits.ts';
import type { PayoutReason } from '../move-payouts.ts';
import { type Payout, payoutIds } from '../payouts.ts';
import { recordAttemptEvent } from './attempt-event.ts';
import { type Attempt, finishAttempt } from './attempts.ts';
import { freeChannel } from './channels.ts';
import type { StellarContext } from './context.ts';
import { boundAmong, openMembers, releaseUnbound } from './lane.ts';

/**
 * Gives the channel of a first attempt to others when the signer finds a limit over time to have no room for it: nothing was
 * bound, and the payouts go back into the queue, each to be tried alone.
 *
 * @returns false where a payout is bound to the lane, or the transaction carries an authorization: those wait where they are.
 */
export async function makeRoom(
  context: StellarContext,
  attempt: Attempt,
  payouts: readonly Payout[],
  reason: PayoutReason,
): Promise<boolean> {
  const [first] = payouts;
  if (first === undefined || attempt.kind === 'invocation') return false;
  if ((await boundAmong(context.pool, payoutIds(payouts))).size > 0) return false;
  await commit(context, undefined, async (change) => {
    const { sql } = change;
    await finishAttempt(sql, attempt, 'refused', LIMIT_REACHED);
    await releaseUnbound(context, change, payouts, ...(payouts.length === 1 ? [reason] : []));
    await noteRefused(context, change, first, payouts, reason);
    if ((await openMembers(sql, context, attempt)).length === 0) await freeChannel(context, sql, attempt.channel);
    await recordAttemptEvent(context, change, 'SignTransaction', attempt, payouts, { error: reason });
  });
  return true;
}

/** A batch is in one asset: there was no room for the sum. */
async function noteRefused(
  context: StellarContext,
  change: Change,
  { chain, keyId, asset }: Payout,
  payouts: readonly Payout[],
  reason: PayoutReason,
): Promise<void> {
  const amount = payouts.reduce((sum, payout) => sum + payout.amount, 0n);
  await noteLimit(context, change, { chain, keyId, asset, amount, reason });
}
