import { commit } from '../commit.ts';
import { limitedAssets } from '../limits.ts';
import { timed } from '../metrics.ts';
import { notePayouts } from '../move-payouts.ts';
import { type Payout, payoutIds, WAITING } from '../payouts.ts';
import { batchSize } from './batch-size.ts';
import { type Draft, draftAttempt, isDraft, storeDraft } from './build-attempt.ts';
import { type Channel, channelUnderfunded, occupyChannel, restChannel } from './channels.ts';
import type { StellarContext } from './context.ts';
import { failPayouts } from './fail-payouts.ts';
import { BEING_CREATED } from './judge.ts';
import { joinLane } from './lane.ts';
import { type Judged, planBatch } from './plan.ts';
import { isBehind, survey } from './survey.ts';
import type { Holdings } from './treasury.ts';
import { paymentsToTry, postpone, type Taken } from './waiting.ts';

// How far one step looks down the queue, and how many kinds of batches it tries.
const LOOK_AHEAD = 500;
const MOST_GROUPS = 10;

/**
 * Gives a free channel to one batch of waiting payments of one memo and one asset: an asset that the treasury cannot pay
 * in the middle of a lane keeps the payouts of no other waiting.
 */
export async function startOneBatch(context: StellarContext, channel: Channel, holdings: Holdings): Promise<Taken> {
  const waiting = await paymentsToTry(context, holdings, LOOK_AHEAD);
  const limited = await limitedAssets(context, context.chain.chain, context.treasury.key);
  const batches = groups(waiting)
    .slice(0, MOST_GROUPS)
    .map((group) => group.slice(0, limited.has(group[0]?.asset ?? '') ? 1 : batchSize(channel.sequence)));
  for (const batch of batches) {
    const outcome = await timed(
      context.metrics.build,
      context.chain.chain,
      () => planAndStore(context, channel, batch),
      (result) => result,
    );
    if (outcome !== 'waiting') return 'started';
  }
  return batches.flat().length < waiting.length ? 'more' : 'none';
}

function groups(payouts: readonly Payout[]): Payout[][] {
  return [...Map.groupBy(payouts, ({ asset, memo }) => `${asset} ${memoKey(memo)}`).values()];
}

function memoKey(memo: Payout['memo']): string {
  if (memo === undefined) return '';
  const value = memo.value instanceof Uint8Array ? Buffer.from(memo.value).toString('hex') : memo.value;
  return `${memo.type}:${value}`;
}

async function planAndStore(
  context: StellarContext,
  channel: Channel,
  payouts: readonly Payout[],
): Promise<'stored' | 'failed' | 'waiting'> {
  const seen = await survey(context, channel.address, payouts);
  if (seen.channel === undefined || seen.channelFrozen) {
    const trouble = seen.channelFrozen ? 'is frozen by the network' : 'is not on the ledger any more';
    context.log.error({ channel: channel.address }, `the channel account ${trouble}`);
    await restChannel(context, channel.address);
    return 'waiting';
  }
  const plan = planBatch(payouts, seen.surroundings);
  await context.hooks.at('stellar.intake.planned');
  if (await isBehind(context, seen.ledger)) return 'waiting';
  for (const [reason, judged] of Map.groupBy(plan.waiting, (each) => each.reason)) {
    const held = judged.map(({ payout }) => payout);
    if (reason === BEING_CREATED) await postpone(context, held, reason);
    else await notePayouts(context.pool, payoutIds(held), reason);
  }
  if (plan.failed.length > 0) return end(context, plan.failed);
  if (plan.payments.length === 0) return 'waiting';

  let { sequence } = channel;
  // An operator may have used the channel while it was free; the numbers before are no concern of a new batch.
  if (seen.channel.sequence > sequence) sequence = seen.channel.sequence;
  const { ledger, inclusionFee } = seen;
  const drafted = draftAttempt(context, {
    channel: channel.address,
    sequence: sequence + 1n,
    payments: plan.payments,
    ledger,
    inclusionFee,
    leftOutBefore: false,
  });
  if (!isDraft(drafted)) return end(context, drafted);
  if (seen.channel.spendable < drafted.fee) {
    const reason = channelUnderfunded(channel.address);
    await notePayouts(context.pool, payoutIds(payouts), reason);
    await restChannel(context, channel.address);
    return 'waiting';
  }
  await storeBatch(context, channel, sequence, drafted);
  return 'stored';
}

async function end(context: StellarContext, failed: readonly Judged[]): Promise<'failed'> {
  await commit(context, undefined, (change) => failPayouts(context, change, undefined, failed));
  return 'failed';
}

async function storeBatch(context: StellarContext, channel: Channel, sequence: bigint, draft: Draft): Promise<void> {
  await commit(context, 'stellar.attempt.uncommitted', async (change) => {
    const payouts = draft.payments.map(({ payout }) => payout);
    await occupyChannel(context, change.sql, channel, sequence);
    await joinLane(change.sql, context, { channel: channel.address, laneStart: draft.laneStart }, payouts);
    await storeDraft(context, change, draft, WAITING);
  });
  await context.hooks.at('stellar.attempt.stored');
}
