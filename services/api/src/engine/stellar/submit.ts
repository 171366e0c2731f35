import { CHAIN_UNAVAILABLE } from '../chain-trouble.ts';
import { type Change, commit, demandRows } from '../commit.ts';
import { unixTime } from '../context.ts';
import { RpcError } from '../json-rpc.ts';
import { timed } from '../metrics.ts';
import { movePayouts, notePayouts } from '../move-payouts.ts';
import { after, type Next, NOW } from '../next.ts';
import { type Payout, payoutIds } from '../payouts.ts';
import { recordAttemptEvent } from './attempt-event.ts';
import { type Attempt, attemptPayouts } from './attempts.ts';
import type { StellarContext } from './context.ts';
import { quarantineLane } from './quarantine.ts';
import { readSendAnswer, type SendVerdict } from './send-verdict.ts';
import { supersede } from './soroban/supersede.ts';

/** Whether the same bytes are to be sent once more. */
export function isResendDue(context: StellarContext, { signed, sentMsAgo = 0, maxTime }: Attempt): boolean {
  return signed !== undefined && sentMsAgo >= context.timing.resendMs && unixTime(context) < maxTime;
}

/** Sends the stored bytes. Whatever the answer, the look-up by hash decides; it only says how to go on meanwhile. */
export async function stepSubmit(context: StellarContext, attempt: Attempt): Promise<Next> {
  const { metrics, chain, timing } = context;
  const { signed } = attempt;
  if (signed === undefined) throw new Error(`attempt ${attempt.id}: nothing to send`);
  const send = async () => {
    try {
      return readSendAnswer(await context.rpc.send(signed));
    } catch (error) {
      return unknownVerdict(context, error);
    }
  };
  const verdict = await timed(metrics.submit, chain.chain, send, outcomeOf);
  await context.hooks.at('stellar.submit.answered');
  const payouts = await attemptPayouts(context.pool, attempt.id);
  await commit(context, undefined, (change) => storeAnswer(context, change, attempt, payouts, verdict));
  await context.hooks.at('stellar.submit.stored');
  switch (verdict.kind) {
    case 'accepted':
      return after(timing.pollMs);
    case 'quarantine':
      await quarantineLane(context, attempt, verdict.reason);
      return NOW;
    case 'hopeless': {
      const [payout] = attempt.kind === 'invocation' ? payouts : [];
      if (payout !== undefined && (await supersede(context, attempt, payout, verdict))) return NOW;
      await notePayouts(context.pool, payoutIds(payouts), verdict.reason);
      return after(timing.pollMs);
    }
    default:
      await notePayouts(context.pool, payoutIds(payouts), verdict.reason);
      // The look-up comes next: the number may be used because the transaction is in already.
      return verdict.kind === 'number-used' ? NOW : after(timing.pollMs);
  }
}

function unknownVerdict(context: StellarContext, error: unknown): SendVerdict {
  if (!(error instanceof RpcError)) throw error;
  context.metrics.errors.inc({ chain: context.chain.chain, stage: 'submit' });
  context.log.warn({ chain: context.chain.chain, err: error }, 'nobody knows whether the node took the transaction');
  return { kind: 'again', reason: { code: CHAIN_UNAVAILABLE, detail: error.message } };
}

function outcomeOf(verdict: SendVerdict): string {
  return verdict.kind === 'accepted' ? 'accepted' : verdict.reason.code.toLowerCase();
}

/** That its time is up is no reason why it was not taken before. */
function tellingCode({ submittedOutcome }: Attempt, code: string): string {
  return code === 'TX_TOO_LATE' ? (submittedOutcome ?? code) : code;
}

async function storeAnswer(
  context: StellarContext,
  change: Change,
  attempt: Attempt,
  payouts: readonly Payout[],
  verdict: SendVerdict,
): Promise<void> {
  const accepted = verdict.kind === 'accepted';
  const outcome = accepted ? 'ACCEPTED' : tellingCode(attempt, verdict.reason.code);
  const faults = verdict.kind === 'hopeless' ? verdict.faults.map(({ index, code }) => ({ index, code })) : [];
  const { rowCount } = await change.sql.query(
    `update stellar_attempts set submitted_at = now(), submitted_outcome = $2,
       failed_operations = coalesce($3, failed_operations), accepted_at = case when $4 then coalesce(accepted_at, now()) end
     where id = $1 and state = 'signed'`,
    [attempt.id, outcome, faults.length === 0 ? null : JSON.stringify(faults), accepted || attempt.accepted],
  );
  demandRows(`attempt ${attempt.id} submitted`, rowCount, 1);
  if (accepted && !attempt.accepted) {
    const ids = payoutIds(payouts.filter(({ status }) => status === 'submitted'));
    await movePayouts(context, change, { chain: context.chain.chain, ids, from: ['submitted'], to: 'confirming' });
  }
  if (outcome === attempt.submittedOutcome) return;
  await recordAttemptEvent(context, change, 'SubmitTransaction', attempt, payouts, {
    ...(accepted ? { response: { outcome } } : { error: verdict.reason }),
  });
}
