import { type Change, commit } from '../../commit.ts';
import type { PayoutReason } from '../../move-payouts.ts';
import { type Next, NOW, POKED } from '../../next.ts';
import { payoutIds } from '../../payouts.ts';
import { recordAttemptEvent } from '../attempt-event.ts';
import { type Attempt, attemptPayouts, finishAttempt } from '../attempts.ts';
import { advanceChannel, freeChannel } from '../channels.ts';
import type { StellarContext } from '../context.ts';
import { doubtPayouts } from '../fail-payouts.ts';
import type { ResultReading } from '../result.ts';
import type { Found } from '../rpc.ts';
import { consumedAt, quarantineIfBusy } from '../settle-failure.ts';
import { completePayouts } from '../settle-success.ts';
import { markUsed } from './authorizations.ts';
import { goOn } from './go-on.ts';

type Included = Extract<Found, { includedIn: bigint }>;

// Failures of a whole transaction on the ledger that another envelope around the same authorization need not have.
const MAY_PASS = new Set([
  'TX_INSUFFICIENT_BALANCE',
  'TX_INSUFFICIENT_FEE',
  'TX_SOROBAN_INVALID',
  'TX_FROZEN_KEY_ACCESSED',
]);
const NOT_OURS = 'INVOKE_HOST_FUNCTION_MALFORMED';

/** The payout of the envelope is paid, and its authorization used up. The channel stays where the envelope took it. */
export async function settleInvocationSuccess(
  context: StellarContext,
  attempt: Attempt,
  found: Included,
): Promise<Next> {
  await commit(context, 'stellar.result.uncommitted', async (change) => {
    const { sql } = change;
    await finishAttempt(sql, attempt, 'succeeded', 'TX_SUCCESS');
    await supersedeUpTo(context, change, attempt, attempt.sequence);
    await markUsed(sql, payoutIds(await attemptPayouts(sql, attempt.id)));
    await completePayouts(context, change, attempt, found.includedIn);
    await advanceChannel(context, sql, attempt.channel, attempt.sequence);
    await freeChannel(context, sql, attempt.channel);
  });
  return POKED;
}

/** Nothing was paid, the number is spent: the next envelope carries the same authorization on the next number. */
export async function settleInvocationFailure(
  context: StellarContext,
  attempt: Attempt,
  found: Included,
  reading: Exclude<ResultReading, { kind: 'success' }>,
): Promise<Next> {
  const consumed = reading.kind === 'failed' ? attempt.sequence : await consumedAt(context, attempt, found);
  const faults = reading.kind === 'failed' ? reading.faults.map(({ index, code }) => ({ index, code })) : [];
  const code = faults[0]?.code ?? reading.code;
  const reason: PayoutReason = { code, detail: 'the ledger refused the contract call; nothing was paid' };
  await commit(context, 'stellar.result.uncommitted', async (change) => {
    const { sql } = change;
    await finishAttempt(sql, attempt, 'failed', reading.code, faults);
    await advanceChannel(context, sql, attempt.channel, consumed);
    await supersedeUpTo(context, change, attempt, consumed);
    if (isCallFailure(code)) await goOn(context, change, attempt, reason);
    else await setAside(context, change, attempt, reason);
    await recordAttemptEvent(context, change, 'ResolveTransaction', attempt, await attemptPayouts(sql, attempt.id), {
      error: { code: reading.code, detail: code },
    });
  });
  return NOW;
}

async function setAside(
  context: StellarContext,
  change: Change,
  attempt: Attempt,
  reason: PayoutReason,
): Promise<void> {
  const payouts = await attemptPayouts(change.sql, attempt.id);
  await quarantineIfBusy(context, change, attempt, reason);
  await doubtPayouts(
    context,
    change,
    attempt.id,
    payouts.filter(({ status }) => status !== 'completed' && status !== 'failed'),
    reason,
  );
}

function isCallFailure(code: string): boolean {
  return MAY_PASS.has(code) || (code.startsWith('INVOKE_HOST_FUNCTION_') && code !== NOT_OURS);
}

/** A live envelope on a number that the ledger has consumed by another one is dead. */
async function supersedeUpTo(
  { chain }: StellarContext,
  { sql }: Change,
  { id, channel }: Attempt,
  consumed: bigint,
): Promise<void> {
  await sql.query(
    `update stellar_attempts set state = 'superseded', outcome = 'NUMBER_USED', finished_at = now()
     where chain = $1 and channel = $2 and sequence <= $3 and id <> $4 and state in ('built', 'signed')`,
    [chain.chain, channel, consumed, id],
  );
}
