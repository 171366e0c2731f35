import { commit } from '../../commit.ts';
import { BACKOFF, type Next, NOW } from '../../next.ts';
import type { Payout } from '../../payouts.ts';
import { recordAttemptEvent } from '../attempt-event.ts';
import { type Attempt, finishAttempt } from '../attempts.ts';
import type { StellarContext } from '../context.ts';
import type { Refusal } from '../refusal.ts';
import { goOn } from './go-on.ts';
import { quarantineInvocation } from './quarantine-invocation.ts';

/**
 * Acts on a refusal of the first request for an envelope: nothing was signed by it, but the authorization that it carries was,
 * so that the payout goes on until that has expired.
 */
export async function refuseEnvelope(
  context: StellarContext,
  attempt: Attempt,
  payout: Payout,
  { kind, reason }: Refusal,
): Promise<Next> {
  await commit(context, undefined, async (change) => {
    await finishAttempt(change.sql, attempt, 'refused', reason.code);
    await goOn(context, change, attempt, reason);
    await recordAttemptEvent(context, change, 'SignTransaction', attempt, [payout], { error: reason });
  });
  if (kind === 'denied') return BACKOFF;
  // Bound otherwise: our books and the signer's differ.
  await quarantineInvocation(context, attempt.channel, attempt.id, payout, reason);
  return NOW;
}
