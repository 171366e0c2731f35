import { commit } from '../commit.ts';
import type { PayoutReason } from '../move-payouts.ts';
import { type Next, NOW } from '../next.ts';
import type { Payout } from '../payouts.ts';
import { recordAttemptEvent } from './attempt-event.ts';
import { type Attempt, attemptsOn, finishAttempt } from './attempts.ts';
import { type Channel, limitBatch } from './channels.ts';
import type { StellarContext } from './context.ts';
import { continueLane } from './continue-lane.ts';
import { FROZEN_KEY, frozenBefore, judgeFrozen, NOT_FROZEN } from './frozen-key.ts';
import type { Judged } from './plan.ts';
import { blameFor } from './result.ts';
import { buryEnvelope } from './soroban/bury-envelope.ts';

const EXPIRED: PayoutReason = { code: 'TX_EXPIRED', detail: 'the transaction was not included before its time was up' };
const EXPIRIES_BEFORE_SPLIT = 2;

/**
 * Ends an attempt that provably was never included and never will be: a ledger closed after its maxTime, and the channel's
 * entry at that ledger or a later one has its number unused. The next one is built on the same number.
 */
export async function buryAttempt(
  context: StellarContext,
  channel: Channel,
  attempt: Attempt,
  payouts: readonly Payout[],
): Promise<Next> {
  const reason =
    attempt.submittedOutcome === undefined || attempt.accepted ? EXPIRED : notTaken(attempt.submittedOutcome);
  if (attempt.kind === 'invocation') return buryEnvelope(context, attempt, payouts, reason);
  await context.hooks.at('stellar.expiry.proven');
  const earlier = await attemptsOn(context, attempt.channel, attempt.sequence);
  const limit = splitLimit(payouts.length, [attempt, ...earlier.filter(({ state }) => state === 'expired')]);
  const named = refusedPayouts(attempt, payouts);
  await commit(context, undefined, async (change) => {
    await finishAttempt(change.sql, attempt, 'expired', attempt.submittedOutcome ?? 'NEVER_SENT');
    const frozen =
      attempt.submittedOutcome === FROZEN_KEY
        ? judgeFrozen(payouts, await frozenBefore(change.sql, context, attempt))
        : NOT_FROZEN;
    const next = limit ?? frozen.limit;
    if (next !== undefined) await limitBatch(context, change.sql, attempt.channel, next);
    const guilty = [...named, ...frozen.guilty];
    await continueLane(context, change, attempt, { guilty, consumed: channel.sequence, reason });
    await recordAttemptEvent(context, change, 'ResolveTransaction', attempt, payouts, { error: reason });
  });
  await context.hooks.at('stellar.expiry.stored');
  return NOW;
}

function notTaken(outcome: string): PayoutReason {
  return { code: outcome, detail: 'the node did not take the transaction before its time was up' };
}

/**
 * When to try a part of a batch alone: the network had it twice and left it out twice, the second time at the highest fee
 * that is allowed. Not after an outage: what is left out of the attempt that succeeds is never paid under its id.
 */
export function splitLimit(size: number, expired: readonly Pick<Attempt, 'accepted'>[]): number | undefined {
  const leftOut = expired.filter(({ accepted }) => accepted).length;
  return size > 1 && leftOut >= EXPIRIES_BEFORE_SPLIT ? Math.ceil(size / 2) : undefined;
}

/** The payouts that the node named when it refused the transaction before the ledger. */
function refusedPayouts(attempt: Attempt, payouts: readonly Payout[]): Judged[] {
  return attempt.failedOperations.flatMap(({ index, code }): Judged[] => {
    const payout = payouts[index];
    if (payout === undefined || blameFor(code) !== 'payout') return [];
    return [{ payout, reason: { code, detail: 'the network refuses it; nothing was paid' } }];
  });
}
