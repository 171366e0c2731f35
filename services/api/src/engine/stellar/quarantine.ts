import { commit } from '../commit.ts';
import type { PayoutReason } from '../move-payouts.ts';
import type { Attempt } from './attempts.ts';
import { quarantineChannel } from './channels.ts';
import type { StellarContext } from './context.ts';
import { doubtPayouts } from './fail-payouts.ts';
import { openMembers } from './lane.ts';

/**
 * Sets a channel and the payouts of its lane aside: something happened that should be impossible. A live attempt is still
 * looked up, so that its payouts end as completed or failed once the ledger proves either.
 */
export async function quarantineLane(context: StellarContext, attempt: Attempt, reason: PayoutReason): Promise<void> {
  await commit(context, undefined, async (change) => {
    await quarantineChannel(context, change, attempt.channel, reason);
    await doubtPayouts(context, change, attempt.id, await openMembers(change.sql, context, attempt), reason);
  });
}
