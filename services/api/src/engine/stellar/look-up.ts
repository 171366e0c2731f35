import { clearChainTrouble, noteChainTrouble } from '../chain-trouble.ts';
import { after, BACKOFF, type Next } from '../next.ts';
import { type Payout, payoutIds } from '../payouts.ts';
import { accountKey, accountsIn } from './account.ts';
import { type Attempt, attemptPayouts } from './attempts.ts';
import type { Channel } from './channels.ts';
import type { StellarContext } from './context.ts';
import { buryAttempt } from './expire.ts';
import { settle } from './settle.ts';
import { watchNonce } from './soroban/watch-nonce.ts';
import { isResendDue, stepSubmit } from './submit.ts';
import { resolveUsedNumber } from './used-number.ts';

/** Looks a live attempt up by its hash. What the ledger has is final; what it has not, it may have until maxTime. */
export async function stepLookUp(context: StellarContext, channel: Channel, attempt: Attempt): Promise<Next> {
  const payouts = await attemptPayouts(context.pool, attempt.id);
  try {
    const next = await lookUp(context, channel, attempt, payouts);
    await clearChainTrouble(context, payoutIds(payouts));
    return next;
  } catch (error) {
    await noteChainTrouble(context, context.chain.chain, 'confirm', payoutIds(payouts), error);
    return BACKOFF;
  }
}

async function lookUp(
  context: StellarContext,
  channel: Channel,
  attempt: Attempt,
  payouts: readonly Payout[],
): Promise<Next> {
  const { rpc } = context;
  const found = await rpc.find(attempt.hash);
  if (found.status !== 'NOT_FOUND') return settle(context, attempt, found);
  if (attempt.kind === 'invocation') await watchNonce(context, attempt.channel, found.latestLedger);

  const expired = found.latestCloseTime > attempt.maxTime;
  if (!expired && attempt.submittedOutcome !== 'TX_BAD_SEQ') return resendOrPause(context, channel, attempt);

  // A ledger closed after maxTime, or the node called the number used. The channel's own entry tells which, whatever
  // history the node has kept: asked for at that ledger or a later one.
  const { ledger, entries } = await rpc.entries([accountKey(attempt.channel)]);
  if (ledger < found.latestLedger) return resendOrPause(context, channel, attempt);
  const consumed = accountsIn(entries).get(attempt.channel)?.sequence;
  if (consumed === undefined || consumed >= attempt.sequence) {
    return resolveUsedNumber(context, channel, { sequence: attempt.sequence, ledger, payouts, live: attempt });
  }
  if (consumed < attempt.sequence - 1n || !expired) return resendOrPause(context, channel, attempt);
  return buryAttempt(context, channel, attempt, payouts);
}

function resendOrPause(context: StellarContext, channel: Channel, attempt: Attempt): Next | Promise<Next> {
  if (channel.state === 'quarantined') return after(context.timing.quarantineMs);
  return isResendDue(context, attempt) ? stepSubmit(context, attempt) : after(context.timing.pollMs);
}
