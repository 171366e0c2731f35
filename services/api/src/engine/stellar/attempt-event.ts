import { type EngineEvent, recordEngineEvent } from '../audit.ts';
import type { Change } from '../commit.ts';
import type { Payout } from '../payouts.ts';
import type { Attempt } from './attempts.ts';
import type { StellarContext } from './context.ts';

/** Records what was done with a transaction, and what came of it. */
export function recordAttemptEvent(
  context: StellarContext,
  change: Change,
  name: EngineEvent['name'],
  { id, hash }: Pick<Attempt, 'id' | 'hash'>,
  payouts: readonly Payout[],
  outcome: Pick<EngineEvent, 'response' | 'error'>,
): Promise<void> {
  return recordEngineEvent(context, change, {
    name,
    requestId: id,
    chain: context.chain.chain,
    keyId: context.treasury.key,
    payouts,
    parameters: { transactionHash: hash },
    ...outcome,
  });
}
