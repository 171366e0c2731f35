import type { Change } from '../commit.ts';
import { movePayouts, type PayoutReason } from '../move-payouts.ts';
import { payoutIds } from '../payouts.ts';
import { poke } from '../work.ts';
import type { Attempt } from './attempts.ts';
import { freeChannel } from './channels.ts';
import { channelUnit, type StellarContext } from './context.ts';
import { failPayouts } from './fail-payouts.ts';
import { laneEnd, openMembers, quarantinedMembers } from './lane.ts';
import type { Judged } from './plan.ts';

export interface Continuation {
  /** Payouts that end here. */
  readonly guilty: readonly Judged[];
  /** The last number that the ledger has consumed. */
  readonly consumed: bigint;
  /** What to say on those that go on. */
  readonly reason: PayoutReason | undefined;
}

const EXHAUSTED: PayoutReason = {
  code: 'LANE_CLOSED_UNPAID',
  detail: 'every number of its lane is spent; it is unpaid and can be paid under a new id',
};

/**
 * After an attempt that provably paid nothing. The guilty end; the others stay bound to the lane and go on in it, unless
 * its numbers are used up or its channel was set aside: then they end too, provably unpaid.
 */
export async function continueLane(
  context: StellarContext,
  change: Change,
  attempt: Attempt,
  { guilty, consumed, reason }: Continuation,
): Promise<void> {
  const { sql } = change;
  const chain = context.chain.chain;
  await failPayouts(context, change, attempt.id, guilty);
  const left = await openMembers(sql, context, attempt);
  const aside = await quarantineReason(context, change, attempt.channel);
  if (aside !== undefined) {
    const judged = [...left, ...(await quarantinedMembers(sql, context, attempt, aside.code))];
    await failPayouts(
      context,
      change,
      attempt.id,
      judged.map((payout) => ({ payout, reason: aside })),
    );
    return;
  }
  if (consumed >= laneEnd(attempt)) {
    await failPayouts(
      context,
      change,
      attempt.id,
      left.map((payout) => ({ payout, reason: EXHAUSTED })),
    );
  } else if (left.length > 0) {
    await movePayouts(context, change, {
      chain,
      ids: payoutIds(left.filter(({ status }) => status !== 'signing')),
      from: ['submitted', 'confirming'],
      to: 'signing',
      ...(reason !== undefined && { reason }),
      detail: { attempt: attempt.id },
    });
    await poke(sql, channelUnit(chain, attempt.channel));
    return;
  }
  await freeChannel(context, sql, attempt.channel);
}

async function quarantineReason(
  context: StellarContext,
  { sql }: Change,
  address: string,
): Promise<PayoutReason | undefined> {
  const { rows } = await sql.query<{ reason_code: string | null; reason_detail: string | null }>(
    'select reason_code, reason_detail from stellar_channels where chain = $1 and address = $2',
    [context.chain.chain, address],
  );
  const [row] = rows;
  return row?.reason_code == null ? undefined : { code: row.reason_code, detail: row.reason_detail ?? '' };
}
