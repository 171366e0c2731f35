import { commit } from '../commit.ts';
import type { PayoutReason } from '../move-payouts.ts';
import { after, type Next, POKED } from '../next.ts';
import type { Payout } from '../payouts.ts';
import { type Attempt, attemptsOn, finishAttempt } from './attempts.ts';
import { type Channel, quarantineChannel } from './channels.ts';
import type { StellarContext } from './context.ts';
import { doubtPayouts } from './fail-payouts.ts';
import { settle } from './settle.ts';

export interface UsedNumber {
  readonly sequence: bigint;
  /** The ledger of the entry that shows it used. */
  readonly ledger: bigint;
  /** The payouts that wait on it. */
  readonly payouts: readonly Payout[];
  /** The attempt that was to use it. */
  readonly live: Attempt | undefined;
}

/**
 * The ledger has consumed a number, or lost the channel. One of our own transactions explains it, or else somebody uses the
 * channel beside us, or the node has forgotten: both are for a person to look at.
 */
export async function resolveUsedNumber(
  context: StellarContext,
  channel: Channel,
  { sequence, ledger, payouts, live }: UsedNumber,
): Promise<Next> {
  const attempts = await attemptsOn(context, channel.address, sequence);
  let remembers = true;
  for (const attempt of attempts) {
    const found = await context.rpc.find(attempt.hash);
    if (found.status !== 'NOT_FOUND') return settle(context, attempt, found);
    // What used the number may be in a ledger that this answer does not know yet.
    if (found.latestLedger < ledger) return after(context.timing.pollMs);
    remembers &&= found.oldestLedger <= attempt.ledgerBefore + 1n;
  }
  if (channel.state !== 'quarantined') {
    await setAside(context, channel, live, payouts, remembers ? foreignUse(channel) : forgotten(channel));
  }
  return after(context.timing.quarantineMs);
}

/**
 * Goes on looking for what a quarantined channel had signed when nobody could tell what became of it: the node may know
 * it after all, and then its payouts have an end.
 */
export async function stepSetAside(context: StellarContext, channel: Channel): Promise<Next> {
  const attempts = await attemptsOn(context, channel.address, channel.sequence + 1n);
  const unexplained = attempts.filter(
    ({ state, signed }) => signed !== undefined && (state === 'quarantined' || state === 'expired'),
  );
  for (const attempt of unexplained) {
    const found = await context.rpc.find(attempt.hash);
    if (found.status !== 'NOT_FOUND') return settle(context, attempt, found);
  }
  return unexplained.length === 0 ? POKED : after(context.timing.quarantineMs);
}

function foreignUse({ address }: Channel): PayoutReason {
  return { code: 'CHANNEL_FOREIGN_USE', detail: `a transaction that is not ours used a number of ${address}` };
}

function forgotten({ address }: Channel): PayoutReason {
  return { code: 'HISTORY_MISSING', detail: `the node does not know any more what used a number of ${address}` };
}

async function setAside(
  context: StellarContext,
  channel: Channel,
  live: Attempt | undefined,
  payouts: readonly Payout[],
  reason: PayoutReason,
): Promise<void> {
  await commit(context, undefined, async (change) => {
    if (live !== undefined) await finishAttempt(change.sql, live, 'quarantined', reason.code);
    await quarantineChannel(context, change, channel.address, reason);
    await doubtPayouts(context, change, live?.id, payouts, reason);
  });
}
