import type { JsonObject } from '@countersign/audit/event';
import { recordEngineEvent } from '../audit.ts';
import type { Change } from '../commit.ts';
import { movePayouts, type PayoutReason } from '../move-payouts.ts';
import type { Payout, PayoutStatus } from '../payouts.ts';
import type { EvmContext } from './context.ts';

export type Ending =
  | { readonly to: 'completed'; readonly hash: string; readonly detail: JsonObject }
  | { readonly to: 'failed' | 'indeterminate'; readonly reason: PayoutReason; readonly hash?: string };

const OPEN: readonly PayoutStatus[] = ['created', 'approved', 'signing', 'submitted', 'confirming', 'indeterminate'];
const EVENT = { completed: 'PayoutCompleted', failed: 'PayoutFailed', indeterminate: 'PayoutIndeterminate' } as const;

/** Ends a payout, or sets it aside; `attemptId` names the transaction that decided it, if one did. */
export async function endPayout(
  context: EvmContext,
  change: Change,
  payout: Payout,
  attemptId: string | undefined,
  ending: Ending,
): Promise<void> {
  const { hash } = ending;
  const chain = context.chain.chain;
  await movePayouts(context, change, {
    chain,
    ids: [payout.id],
    from: OPEN,
    to: ending.to,
    ...(hash !== undefined && { hash }),
    ...(ending.to === 'completed' ? { detail: ending.detail } : { reason: ending.reason }),
  });
  await recordEngineEvent(context, change, {
    name: EVENT[ending.to],
    requestId: attemptId ?? payout.requestId,
    chain,
    keyId: context.treasury.key,
    payouts: [payout],
    ...(ending.to === 'completed'
      ? { response: { transactionHash: ending.hash, ...ending.detail } }
      : { error: ending.reason }),
  });
}
