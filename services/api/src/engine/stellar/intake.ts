import { noteChainTrouble } from '../chain-trouble.ts';
import { commit } from '../commit.ts';
import { timed } from '../metrics.ts';
import { notePayouts } from '../move-payouts.ts';
import { after, BACKOFF, type Next, NOW } from '../next.ts';
import { type Payout, payoutIds, waitingPayouts } from '../payouts.ts';
import { accountKey, accountsIn } from './account.ts';
import { type Draft, draftAttempt, isDraft, storeDraft } from './build-attempt.ts';
import { type Channel, insertChannels, occupyChannel, readChannels, restChannel } from './channels.ts';
import type { StellarContext } from './context.ts';
import { failPayouts } from './fail-payouts.ts';
import { joinLane } from './lane.ts';
import { BEING_CREATED, type Judged, planBatch } from './plan.ts';
import { affordable, isBehind, survey } from './survey.ts';
import { payoutsToTry, postpone } from './waiting.ts';

const MOST_PAYMENTS = 99;
// How far one step looks down the queue, and how many memos it tries.
const LOOK_AHEAD = 500;
const MOST_GROUPS = 10;

/** Takes waiting payouts of a treasury up: plans one transaction, stores it, and leaves the rest to its channel. */
export async function stepIntake(context: StellarContext): Promise<Next> {
  const { pool, chain, treasury, timing } = context;
  const oldest = await waitingPayouts(pool, chain.chain, treasury.key, MOST_PAYMENTS);
  if (oldest.length === 0) return after(timing.idleMs);
  try {
    const channel = await freeChannel(context);
    if (channel === undefined) return after(timing.idleMs);
    const waiting = await payoutsToTry(context, await affordable(context), LOOK_AHEAD);
    const batches = groupsByMemo(waiting)
      .slice(0, MOST_GROUPS)
      .map((group) => group.slice(0, MOST_PAYMENTS));
    for (const batch of batches) {
      if (await startBatch(context, channel, batch)) return NOW;
    }
    // All of them wait for something: for money, or for an account that another payout creates.
    return after(batches.flat().length < waiting.length ? timing.pollMs : timing.idleMs);
  } catch (error) {
    await noteChainTrouble(context, chain.chain, 'build', payoutIds(oldest), error);
    return BACKOFF;
  }
}

async function freeChannel(context: StellarContext): Promise<Channel | undefined> {
  let channels = await readChannels(context);
  const known = new Set(channels.map(({ address }) => address));
  const unknown = context.treasury.channels.filter((address) => !known.has(address));
  if (unknown.length > 0) {
    await registerChannels(context, unknown);
    channels = await readChannels(context);
  }
  return channels.find(({ state }) => state === 'free');
}

const KEYS_A_CALL = 200;

async function registerChannels(context: StellarContext, addresses: readonly string[]): Promise<void> {
  for (let from = 0; from < addresses.length; from += KEYS_A_CALL) {
    const some = addresses.slice(from, from + KEYS_A_CALL);
    const { entries } = await context.rpc.entries(some.map(accountKey));
    const accounts = accountsIn(entries);
    await insertChannels(context, [...accounts.values()]);
    for (const address of some) {
      if (!accounts.has(address)) context.log.error({ channel: address }, 'the channel account is not on the ledger');
    }
  }
}

function groupsByMemo(payouts: readonly Payout[]): Payout[][] {
  return [...Map.groupBy(payouts, ({ memo }) => memoKey(memo)).values()];
}

function memoKey(memo: Payout['memo']): string {
  if (memo === undefined) return '';
  const value = memo.value instanceof Uint8Array ? Buffer.from(memo.value).toString('hex') : memo.value;
  return `${memo.type}:${value}`;
}

/** True when something came of it: a transaction was stored, or payouts were ended. */
async function startBatch(context: StellarContext, channel: Channel, payouts: readonly Payout[]): Promise<boolean> {
  const draft = await timed(
    context.metrics.build,
    context.chain.chain,
    () => planAndStore(context, channel, payouts),
    (outcome) => outcome,
  );
  return draft !== 'waiting';
}

async function planAndStore(
  context: StellarContext,
  channel: Channel,
  payouts: readonly Payout[],
): Promise<'stored' | 'failed' | 'waiting'> {
  const seen = await survey(context, channel.address, payouts);
  if (seen.channel === undefined) {
    context.log.error({ channel: channel.address }, 'the channel account is not on the ledger any more');
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
    const reason = { code: 'CHANNEL_UNDERFUNDED', detail: `${channel.address} cannot pay the fee` };
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
    await storeDraft(context, change, draft, 'created');
  });
  await context.hooks.at('stellar.attempt.stored');
}
