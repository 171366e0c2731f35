import type { Next } from '../next.ts';
import type { Attempt } from './attempts.ts';
import type { StellarContext } from './context.ts';
import { type ResultReading, readResult } from './result.ts';
import type { Found } from './rpc.ts';
import { settleFailure } from './settle-failure.ts';
import { settleSuccess } from './settle-success.ts';
import { settleInvocationFailure, settleInvocationSuccess } from './soroban/settle-invocation.ts';

type Included = Exclude<Found, { status: 'NOT_FOUND' }>;

/** Draws the consequences of a transaction that is on the ledger. */
export async function settle(context: StellarContext, attempt: Attempt, found: Included): Promise<Next> {
  await context.hooks.at('stellar.result.seen');
  const reading = readResult(found.result);
  const { metrics, chain } = context;
  if (attempt.signedMsAgo !== undefined) {
    metrics.confirm.observe({ chain: chain.chain, outcome: reading.kind }, attempt.signedMsAgo / 1000);
  }
  const next =
    attempt.kind === 'invocation'
      ? await settleInvocation(context, attempt, found, reading)
      : await settlePayments(context, attempt, found, reading);
  await context.hooks.at('stellar.result.stored');
  return next;
}

function settlePayments(
  context: StellarContext,
  attempt: Attempt,
  found: Included,
  reading: ResultReading,
): Promise<Next> {
  return reading.kind === 'success'
    ? settleSuccess(context, attempt, found)
    : settleFailure(context, attempt, found, reading);
}

function settleInvocation(
  context: StellarContext,
  attempt: Attempt,
  found: Included,
  reading: ResultReading,
): Promise<Next> {
  return reading.kind === 'success'
    ? settleInvocationSuccess(context, attempt, found)
    : settleInvocationFailure(context, attempt, found, reading);
}
