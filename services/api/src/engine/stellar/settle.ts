import type { Next } from '../next.ts';
import type { Attempt } from './attempts.ts';
import type { StellarContext } from './context.ts';
import { readResult } from './result.ts';
import type { Found } from './rpc.ts';
import { settleFailure } from './settle-failure.ts';
import { settleSuccess } from './settle-success.ts';

/** Draws the consequences of a transaction that is on the ledger. */
export async function settle(
  context: StellarContext,
  attempt: Attempt,
  found: Exclude<Found, { status: 'NOT_FOUND' }>,
): Promise<Next> {
  await context.hooks.at('stellar.result.seen');
  const reading = readResult(found.result);
  const { metrics, chain } = context;
  if (attempt.signedMsAgo !== undefined) {
    metrics.confirm.observe({ chain: chain.chain, outcome: reading.kind }, attempt.signedMsAgo / 1000);
  }
  const next =
    reading.kind === 'success'
      ? await settleSuccess(context, attempt, found)
      : await settleFailure(context, attempt, found, reading);
  await context.hooks.at('stellar.result.stored');
  return next;
}
