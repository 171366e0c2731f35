import { commit } from '../../commit.ts';
import type { PayoutReason } from '../../move-payouts.ts';
import type { Payout } from '../../payouts.ts';
import { quarantineChannel } from '../channels.ts';
import type { StellarContext } from '../context.ts';
import { doubtPayouts } from '../fail-payouts.ts';

/**
 * Sets a channel and the payout that holds it aside: something happened that should be impossible. What the ledger makes of
 * its authorization still ends the payout, one way or the other.
 */
export async function quarantineInvocation(
  context: StellarContext,
  channel: string,
  attemptId: string,
  payout: Payout,
  reason: PayoutReason,
): Promise<void> {
  await commit(context, undefined, async (change) => {
    await quarantineChannel(context, change, channel, reason);
    await doubtPayouts(context, change, attemptId, [payout], reason);
  });
}
