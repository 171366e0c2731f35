import type { Reason } from '@countersign/contract/errors';
import { raiseAlarm } from '../alarm.ts';
import type { Approvals } from '../approvals.ts';
import { awaitApproval } from '../await-approval.ts';
import { type Change, commit } from '../commit.ts';
import { unixTime } from '../context.ts';
import type { PayoutReason } from '../move-payouts.ts';
import type { Payout } from '../payouts.ts';
import type { SignerAnswer } from '../signer-answer.ts';
import { recordAttemptEvent } from './attempt-event.ts';
import { type Attempt, finishAttempt } from './attempts.ts';
import { freeChannel, limitBatch } from './channels.ts';
import type { StellarContext } from './context.ts';
import { doubtPayouts, failPayouts } from './fail-payouts.ts';
import { boundAmong, openMembers, releaseUnapproved, releaseUnbound } from './lane.ts';
import type { Judged } from './plan.ts';

export type Refusal = Extract<SignerAnswer, { kind: 'denied' | 'bound' }>;

/** Approvals are missing beside those that the signer was shown. */
export type Unapproved = Extract<SignerAnswer, { kind: 'unapproved' }> & {
  readonly approvals: ReadonlyMap<string, Approvals>;
};

/** Which payouts of a batch a refusal is about. */
export interface Verdict {
  readonly guilty: readonly Judged[];
  /** How many of the batch to try next, where nobody could be named. */
  readonly tryNext: number | undefined;
}

/**
 * Finds the payouts that a refusal is about: those that its reasons name, or all of them where it is about something that
 * every transaction of ours shares. Otherwise the batch is tried in halves, down to the single payout that is refused.
 */
export function judgeRefusal(payouts: readonly Payout[], { reason, reasons }: Refusal | Unapproved): Verdict {
  const named = payouts.flatMap((payout, index): Judged[] => {
    const about = reasons.filter((each) => names(each, payout, index));
    return about.length === 0 ? [] : [{ payout, reason: { code: reason.code, detail: about.map(textOf).join('; ') } }];
  });
  if (named.length > 0) return { guilty: named, tryNext: undefined };
  const sharedByAll = reasons.length > 0 && reasons.every(({ code }) => SHARED.has(code));
  if (payouts.length === 1 || sharedByAll) {
    return { guilty: payouts.map((payout) => ({ payout, reason })), tryNext: undefined };
  }
  return { guilty: [], tryNext: Math.ceil(payouts.length / 2) };
}

// Reasons of policy that do not depend on which payouts are in the transaction.
const SHARED = new Set([
  'CALLER_NOT_ALLOWED',
  'CHANNEL_NOT_ALLOWED',
  'LIFETIME_ABOVE_LIMIT',
  'NETWORK_NOT_ALLOWED',
  'TIME_BOUNDS_MISSING',
]);

function names({ message }: Reason, { id }: Payout, index: number): boolean {
  // Payouts are declared in the order of the operations; the closing operation comes last.
  const position = /^(?:operations|payouts)\[(\d{1,3})\]/.exec(message)?.[1];
  return position === undefined ? message.split(/[^A-Za-z0-9._-]+/).includes(id) : Number(position) === index;
}

function textOf({ code, message }: Reason): string {
  return `${code}: ${message}`;
}

/** Acts on a refusal by which nothing was bound: the guilty end or wait for approvals, the others go on, in this lane or in any. */
export async function acceptRefusal(
  context: StellarContext,
  attempt: Attempt,
  payouts: readonly Payout[],
  refusal: Refusal | Unapproved,
): Promise<void> {
  const { guilty, tryNext } = judgeRefusal(payouts, refusal);
  await commit(context, undefined, async (change) => {
    const { sql } = change;
    await finishAttempt(sql, attempt, 'refused', refusal.reason.code);
    if (refusal.kind === 'denied') await failPayouts(context, change, attempt.id, guilty);
    else if (refusal.kind === 'unapproved') await leaveUnapproved(context, change, attempt, guilty, refusal);
    else await setAside(context, change, attempt, guilty, refusal.reason);
    if (tryNext !== undefined) {
      const others = payouts.slice(tryNext);
      const bound = await boundAmong(
        sql,
        others.map(({ id }) => id),
      );
      await releaseUnbound(
        context,
        change,
        others.filter(({ id }) => !bound.has(id)),
      );
      await limitBatch(context, sql, attempt.channel, tryNext);
    }
    if ((await openMembers(sql, context, attempt)).length === 0) await freeChannel(context, sql, attempt.channel);
    await recordAttemptEvent(context, change, 'SignTransaction', attempt, payouts, { error: refusal.reason });
  });
}

/** One that is bound to the lane can be paid in it alone: the others do not wait for it, so that it ends, provably unpaid. */
async function leaveUnapproved(
  context: StellarContext,
  change: Change,
  attempt: Attempt,
  judged: readonly Judged[],
  { approvals }: Unapproved,
): Promise<void> {
  const { chain, treasury } = context;
  const bound = await releaseUnapproved(
    change.sql,
    judged.map(({ payout }) => payout),
    unixTime(context),
  );
  const [ending, waiting] = [true, false].map((is) => judged.filter(({ payout }) => bound.has(payout.id) === is));
  await failPayouts(context, change, attempt.id, ending ?? []);
  await awaitApproval(context, change, {
    chain: chain.chain,
    keyId: treasury.key,
    attemptId: attempt.id,
    judged: waiting ?? [],
    approvals,
  });
}

async function setAside(
  context: StellarContext,
  change: Change,
  attempt: Attempt,
  guilty: readonly Judged[],
  { code }: PayoutReason,
): Promise<void> {
  for (const { payout, reason } of guilty) {
    await doubtPayouts(context, change, attempt.id, [payout], reason);
    raiseAlarm(context, change, {
      chain: context.chain.chain,
      reason: code,
      detail: reason.detail,
      subject: `payout ${payout.id}`,
    });
  }
}
