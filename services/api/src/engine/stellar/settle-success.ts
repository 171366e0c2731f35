import { raiseAlarm } from '../alarm.ts';
import { recordEngineEvent } from '../audit.ts';
import { type Change, commit } from '../commit.ts';
import { movePayouts } from '../move-payouts.ts';
import { type Next, POKED } from '../next.ts';
import { type Payout, type PayoutStatus, payoutIds } from '../payouts.ts';
import { type Attempt, attemptPayouts, finishAttempt } from './attempts.ts';
import { advanceChannel, freeChannel } from './channels.ts';
import type { StellarContext } from './context.ts';
import { failPayouts } from './fail-payouts.ts';
import { boundAmong, laneEnd, openMembers, quarantinedMembers, releaseUnbound } from './lane.ts';
import type { Found } from './rpc.ts';

const UNSETTLED: readonly PayoutStatus[] = ['signing', 'submitted', 'confirming', 'indeterminate'];
const CLOSED = {
  code: 'LANE_CLOSED_UNPAID',
  detail: 'its lane was closed by a transaction that it was left out of; it is unpaid and can be paid under a new id',
};

/** The payouts of the attempt are paid, and its lane is closed for every other transaction. */
export async function settleSuccess(
  context: StellarContext,
  attempt: Attempt,
  found: Extract<Found, { includedIn: bigint }>,
): Promise<Next> {
  await commit(context, 'stellar.result.uncommitted', async (change) => {
    const { sql } = change;
    await finishAttempt(sql, attempt, 'succeeded', 'TX_SUCCESS');
    await sql.query(
      `update stellar_attempts set state = 'expired', outcome = 'LANE_CLOSED', finished_at = now()
       where chain = $1 and channel = $2 and state in ('built', 'signed')`,
      [context.chain.chain, attempt.channel],
    );
    await completePayouts(context, change, attempt, found.includedIn);
    await advanceChannel(context, sql, attempt.channel, laneEnd(attempt));
    await dismissOthers(context, change, attempt);
    await freeChannel(context, sql, attempt.channel);
  });
  return POKED;
}

/** Ends the payouts of a transaction that the ledger has as a success. */
export async function completePayouts(
  context: StellarContext,
  change: Change,
  attempt: Attempt,
  includedIn: bigint,
): Promise<void> {
  const chain = context.chain.chain;
  const payouts = await attemptPayouts(change.sql, attempt.id);
  const unsettled = payouts.filter(({ status }) => UNSETTLED.includes(status));
  await movePayouts(context, change, {
    chain,
    ids: payoutIds(unsettled),
    from: UNSETTLED,
    to: 'completed',
    hash: attempt.hash,
    detail: { attempt: attempt.id, ledger: includedIn.toString() },
  });
  await recordEngineEvent(context, change, {
    name: 'PayoutCompleted',
    requestId: attempt.id,
    chain,
    keyId: context.treasury.key,
    payouts: unsettled,
    response: { transactionHash: attempt.hash, ledger: includedIn.toString() },
  });
  for (const { id, status } of payouts.filter((payout) => !unsettled.includes(payout))) {
    const detail = `it was ${status} when its transaction ${attempt.hash} was found on the ledger`;
    raiseAlarm(context, change, { chain, reason: 'PAID_AFTER_END', detail, subject: `payout ${id}` });
  }
}

/** Whoever was on the lane and not in the transaction: bound for good to what is closed now, or free for any other lane. */
async function dismissOthers(context: StellarContext, change: Change, attempt: Attempt): Promise<void> {
  const { sql } = change;
  const left = await openMembers(sql, context, attempt);
  const bound = await boundAmong(sql, payoutIds(left));
  await releaseUnbound(
    context,
    change,
    left.filter(({ id }) => !bound.has(id)),
  );
  const closed = [...left.filter(({ id }) => bound.has(id)), ...(await setAsideWith(context, change, attempt))];
  await failPayouts(
    context,
    change,
    attempt.id,
    closed.map((payout) => ({ payout, reason: CLOSED })),
  );
}

async function setAsideWith(context: StellarContext, { sql }: Change, attempt: Attempt): Promise<Payout[]> {
  const { rows } = await sql.query<{ reason_code: string | null }>(
    'select reason_code from stellar_channels where chain = $1 and address = $2',
    [context.chain.chain, attempt.channel],
  );
  const code = rows[0]?.reason_code ?? null;
  return code === null ? [] : quarantinedMembers(sql, context, attempt, code);
}
