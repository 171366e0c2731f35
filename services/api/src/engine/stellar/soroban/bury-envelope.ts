import { commit } from '../../commit.ts';
import type { PayoutReason } from '../../move-payouts.ts';
import { type Next, NOW } from '../../next.ts';
import type { Payout } from '../../payouts.ts';
import { recordAttemptEvent } from '../attempt-event.ts';
import { type Attempt, finishAttempt } from '../attempts.ts';
import type { StellarContext } from '../context.ts';
import { goOn } from './go-on.ts';

/** Ends an envelope that provably was never included and never will be; the next one carries the same authorization. */
export async function buryEnvelope(
  context: StellarContext,
  attempt: Attempt,
  payouts: readonly Payout[],
  reason: PayoutReason,
): Promise<Next> {
  await context.hooks.at('stellar.expiry.proven');
  await commit(context, undefined, async (change) => {
    await finishAttempt(change.sql, attempt, 'expired', attempt.submittedOutcome ?? 'NEVER_SENT');
    await goOn(context, change, attempt, reason);
    await recordAttemptEvent(context, change, 'ResolveTransaction', attempt, payouts, { error: reason });
  });
  await context.hooks.at('stellar.expiry.stored');
  return NOW;
}
