import type { Change } from '../../commit.ts';
import { movePayouts, notePayouts, type PayoutReason } from '../../move-payouts.ts';
import { payoutIds } from '../../payouts.ts';
import { poke } from '../../work.ts';
import { type Attempt, attemptPayouts } from '../attempts.ts';
import { channelUnit, type StellarContext } from '../context.ts';

/** After an envelope that paid nothing: the payout waits for the next one around its authorization. */
export async function goOn(
  context: StellarContext,
  change: Change,
  attempt: Attempt,
  reason: PayoutReason,
): Promise<void> {
  const payouts = await attemptPayouts(change.sql, attempt.id);
  await movePayouts(context, change, {
    chain: context.chain.chain,
    ids: payoutIds(payouts.filter(({ status }) => status === 'submitted' || status === 'confirming')),
    from: ['submitted', 'confirming'],
    to: 'signing',
    reason,
    detail: { attempt: attempt.id },
  });
  await notePayouts(change.sql, payoutIds(payouts.filter(({ status }) => status === 'signing')), reason);
  await poke(change.sql, channelUnit(context.chain.chain, attempt.channel));
}
