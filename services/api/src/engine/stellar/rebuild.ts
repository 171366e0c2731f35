import { laneOf, MAX_PAYMENTS } from '@countersign/chains/stellar/lane';
import { noteChainTrouble } from '../chain-trouble.ts';
import { commit } from '../commit.ts';
import { timed } from '../metrics.ts';
import { notePayouts } from '../move-payouts.ts';
import { after, BACKOFF, type Next, NOW, POKED } from '../next.ts';
import { type Payout, payoutIds } from '../payouts.ts';
import { attemptsOn } from './attempts.ts';
import { type Draft, draftAttempt, isDraft, storeDraft } from './build-attempt.ts';
import { type Channel, channelUnderfunded, demandChannel, freeChannel } from './channels.ts';
import type { StellarContext } from './context.ts';
import { failPayouts } from './fail-payouts.ts';
import { wasRefusedForFee } from './fee-refusal.ts';
import { openMembers } from './lane.ts';
import { type Judged, planBatch } from './plan.ts';
import { isBehind, type Survey, survey } from './survey.ts';
import { resolveUsedNumber } from './used-number.ts';

/**
 * Goes on in an open lane after an attempt that came to nothing: the payouts that are left, on the next free number. They
 * are bound to the lane, so nothing else can pay them meanwhile, and every earlier attempt is provably dead.
 */
export async function stepRebuild(context: StellarContext, channel: Channel): Promise<Next> {
  const sequence = channel.sequence + 1n;
  const lane = { channel: channel.address, laneStart: laneOf(sequence).start };
  const members = await openMembers(context.pool, context, lane);
  if (members.length === 0) {
    await commit(context, undefined, async ({ sql }) => {
      await demandChannel(context, sql, channel);
      await freeChannel(context, sql, channel.address);
    });
    return POKED;
  }
  const batch = members.slice(0, channel.batchLimit ?? MAX_PAYMENTS);
  try {
    const seen = await survey(context, channel.address, batch);
    const consumed = seen.channel?.sequence;
    if (consumed === undefined || consumed > channel.sequence) {
      const { ledger } = seen;
      return await resolveUsedNumber(context, channel, { sequence, ledger, payouts: members, live: undefined });
    }
    // The node is behind what the ledger has told before.
    if (consumed < channel.sequence || (await isBehind(context, seen.ledger))) return after(context.timing.pollMs);
    const outcome = await timed(
      context.metrics.build,
      context.chain.chain,
      () => planAndStore(context, channel, batch, seen),
      (result) => result,
    );
    return outcome === 'waiting' ? BACKOFF : NOW;
  } catch (error) {
    await noteChainTrouble(context, context.chain.chain, 'build', payoutIds(members), error);
    return BACKOFF;
  }
}

async function planAndStore(
  context: StellarContext,
  channel: Channel,
  batch: readonly Payout[],
  seen: Survey,
): Promise<'stored' | 'failed' | 'waiting'> {
  if (seen.channelFrozen) {
    const reason = { code: 'CHANNEL_FROZEN', detail: `the network has frozen ${channel.address}` };
    await notePayouts(context.pool, payoutIds(batch), reason);
    return 'waiting';
  }
  // Whoever stayed out could be left behind in a closed lane: an account that somebody else creates is no reason to.
  const plan = planBatch(batch, { ...seen.surroundings, beingCreated: new Set(), awaited: new Set() });
  for (const { payout, reason } of plan.waiting) await notePayouts(context.pool, [payout.id], reason);
  if (plan.failed.length > 0) return end(context, plan.failed);
  if (plan.waiting.length > 0) return 'waiting';

  const sequence = channel.sequence + 1n;
  const earlier = await attemptsOn(context, channel.address, sequence);
  const drafted = draftAttempt(context, {
    channel: channel.address,
    sequence,
    payments: plan.payments,
    ledger: seen.ledger,
    ...(earlier.some(wasRefusedForFee)
      ? { inclusionFee: 0n, leftOutBefore: false }
      : {
          inclusionFee: seen.inclusionFee,
          leftOutBefore: earlier.some(({ state, accepted }) => state === 'expired' && accepted),
        }),
  });
  if (!isDraft(drafted)) return end(context, drafted);
  if (seen.channel !== undefined && seen.channel.spendable < drafted.fee) {
    const reason = channelUnderfunded(channel.address);
    await notePayouts(context.pool, payoutIds(batch), reason);
    return 'waiting';
  }
  await store(context, channel, drafted);
  return 'stored';
}

async function end(context: StellarContext, failed: readonly Judged[]): Promise<'failed'> {
  await commit(context, undefined, (change) => failPayouts(context, change, undefined, failed));
  return 'failed';
}

async function store(context: StellarContext, channel: Channel, draft: Draft): Promise<void> {
  await commit(context, 'stellar.attempt.uncommitted', async (change) => {
    await demandChannel(context, change.sql, channel);
    await storeDraft(context, change, draft, ['signing']);
  });
  await context.hooks.at('stellar.attempt.stored');
}
