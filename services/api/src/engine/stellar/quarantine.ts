import { type Change, commit } from '../commit.ts';
import type { PayoutReason } from '../move-payouts.ts';
import type { Payout } from '../payouts.ts';
import { type Attempt, attemptPayouts } from './attempts.ts';
import { quarantineChannel } from './channels.ts';
import type { StellarContext } from './context.ts';
import { doubtPayouts } from './fail-payouts.ts';
import { openMembers } from './lane.ts';

/**
 * Sets a channel aside, and the payouts of its lane or the one whose authorization holds it: something happened that should be
 * impossible. A live attempt is still looked up, so that its payouts end as completed or failed once the ledger proves either.
 */
export async function quarantineLane(context: StellarContext, attempt: Attempt, reason: PayoutReason): Promise<void> {
  await commit(context, undefined, async (change) => {
    await quarantineChannel(context, change, attempt.channel, reason);
    await doubtPayouts(context, change, attempt.id, await heldBy(context, change, attempt), reason);
  });
}

function heldBy(context: StellarContext, { sql }: Change, attempt: Attempt): Promise<Payout[]> {
  return attempt.kind === 'invocation' ? attemptPayouts(sql, attempt.id) : openMembers(sql, context, attempt);
}
