import { type Change, commit } from '../commit.ts';
import type { PayoutReason } from '../move-payouts.ts';
import { type Next, NOW } from '../next.ts';
import type { Payout } from '../payouts.ts';
import { accountKey, accountsIn } from './account.ts';
import { recordAttemptEvent } from './attempt-event.ts';
import { type Attempt, attemptPayouts, creations, finishAttempt } from './attempts.ts';
import { advanceChannel, limitBatch, quarantineChannel } from './channels.ts';
import type { StellarContext } from './context.ts';
import { continueLane } from './continue-lane.ts';
import { FROZEN_KEY, frozenBefore, judgeFrozen, NOT_FROZEN } from './frozen-key.ts';
import { guiltyPayouts } from './guilty.ts';
import type { Judged } from './plan.ts';
import type { OperationFault, ResultReading } from './result.ts';
import type { Found } from './rpc.ts';

// Of the transaction as a whole, on the ledger: the payer's or the channel's account stood in the way, which may pass, or
// an account that the next plan leaves out.
const MAY_PASS = new Set(['TX_INSUFFICIENT_BALANCE', 'TX_INSUFFICIENT_FEE', FROZEN_KEY]);

/** Nothing of the attempt was paid, its number is spent: the guilty payouts end, the others go on at the next number. */
export async function settleFailure(
  context: StellarContext,
  attempt: Attempt,
  found: Extract<Found, { includedIn: bigint }>,
  reading: Exclude<ResultReading, { kind: 'success' }>,
): Promise<Next> {
  // Some failures of the transaction as a whole leave the number unspent: the entry tells.
  const consumed = reading.kind === 'failed' ? attempt.sequence : await consumedAt(context, attempt, found);
  const faults = reading.kind === 'failed' ? reading.faults : [];
  const broken = brokenBy(reading);
  await commit(context, 'stellar.result.uncommitted', async (change) => {
    const { sql } = change;
    const payouts = await attemptPayouts(sql, attempt.id);
    const frozen =
      reading.code === FROZEN_KEY ? judgeFrozen(payouts, await frozenBefore(sql, context, attempt)) : NOT_FROZEN;
    const guilty = [...(await guiltyOf(context, change, attempt, payouts, faults)), ...frozen.guilty];
    await finishAttempt(
      sql,
      attempt,
      'failed',
      reading.code,
      faults.map(({ index, code }) => ({ index, code })),
    );
    await advanceChannel(context, sql, attempt.channel, consumed);
    if (frozen.limit !== undefined) await limitBatch(context, sql, attempt.channel, frozen.limit);
    if (broken !== undefined) await quarantineIfBusy(context, change, attempt, broken);
    await continueLane(context, change, attempt, { guilty, consumed, reason: undefined });
    await recordAttemptEvent(context, change, 'ResolveTransaction', attempt, payouts, {
      error: { code: reading.code, detail: faults.map(({ index, code }) => `${index}: ${code}`).join(', ') },
    });
  });
  return NOW;
}

/** The channel's number, in a ledger not older than the one that has the attempt. */
export async function consumedAt(
  context: StellarContext,
  attempt: Attempt,
  found: Extract<Found, { includedIn: bigint }>,
): Promise<bigint> {
  const { ledger, entries } = await context.rpc.entries([accountKey(attempt.channel)]);
  const account = accountsIn(entries).get(attempt.channel);
  if (ledger < found.includedIn || account === undefined)
    throw new Error(`channel ${attempt.channel}: no entry to go by`);
  return account.sequence;
}

function brokenBy(reading: Exclude<ResultReading, { kind: 'success' }>): PayoutReason | undefined {
  const detail = 'our transaction failed on the ledger in a way that it never should';
  if (reading.kind === 'invalid') return MAY_PASS.has(reading.code) ? undefined : { code: reading.code, detail };
  const fault = reading.faults.find(({ blame }) => blame === 'setup');
  return fault && { code: fault.code, detail: `${detail} (operation ${fault.index})` };
}

async function guiltyOf(
  { chain }: StellarContext,
  { sql }: Change,
  attempt: Attempt,
  payouts: readonly Payout[],
  faults: readonly OperationFault[],
): Promise<Judged[]> {
  const { rows } = await sql.query<{ payout_id: string; code: string }>(
    `select ap.payout_id, f ->> 'code' as code from stellar_attempts a
     join stellar_attempt_payouts ap on ap.attempt_id = a.id
     cross join jsonb_array_elements(a.failed_operations) f
     where a.chain = $1 and a.channel = $2 and a.lane_start = $3 and a.state = 'failed' and a.id <> $4
       and (f ->> 'index')::int = ap.position`,
    [chain.chain, attempt.channel, attempt.laneStart, attempt.id],
  );
  const guilty = guiltyPayouts({
    payouts,
    faults,
    creations: await creations(sql, attempt.id),
    failedBefore: (id, code) => rows.some((row) => row.payout_id === id && row.code === code),
  });
  return guilty.filter(({ payout }) => payout.status !== 'completed' && payout.status !== 'failed');
}

/** Sets the channel aside where that was not done before. */
export async function quarantineIfBusy(
  context: StellarContext,
  change: Change,
  attempt: Attempt,
  reason: PayoutReason,
): Promise<void> {
  const { rows } = await change.sql.query<{ state: string }>(
    'select state from stellar_channels where chain = $1 and address = $2 for update',
    [context.chain.chain, attempt.channel],
  );
  if (rows[0]?.state === 'busy') await quarantineChannel(context, change, attempt.channel, reason);
}
