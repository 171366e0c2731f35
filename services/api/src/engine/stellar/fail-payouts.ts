import { recordEngineEvent } from '../audit.ts';
import type { Change } from '../commit.ts';
import { movePayouts, type PayoutReason } from '../move-payouts.ts';
import type { Payout, PayoutStatus } from '../payouts.ts';
import type { StellarContext } from './context.ts';
import type { Judged } from './plan.ts';

const ANY_OPEN: readonly PayoutStatus[] = [
  'created',
  'approved',
  'signing',
  'submitted',
  'confirming',
  'indeterminate',
];

/** Ends payouts that are provably unpaid. `attemptId` names what they were last part of, if anything. */
export async function failPayouts(
  context: StellarContext,
  change: Change,
  attemptId: string | undefined,
  judged: readonly Judged[],
): Promise<void> {
  await end(context, change, attemptId, judged, 'failed', 'PayoutFailed');
}

/** Sets payouts aside of which it cannot be known whether they are paid. */
export async function doubtPayouts(
  context: StellarContext,
  change: Change,
  attemptId: string | undefined,
  payouts: readonly Payout[],
  reason: PayoutReason,
): Promise<void> {
  const judged = payouts.map((payout) => ({ payout, reason }));
  await end(context, change, attemptId, judged, 'indeterminate', 'PayoutIndeterminate');
}

async function end(
  context: StellarContext,
  change: Change,
  attemptId: string | undefined,
  judged: readonly Judged[],
  to: 'failed' | 'indeterminate',
  name: 'PayoutFailed' | 'PayoutIndeterminate',
): Promise<void> {
  const chain = context.chain.chain;
  for (const { payout, reason } of judged) {
    await movePayouts(context, change, { chain, ids: [payout.id], from: ANY_OPEN, to, reason });
    await recordEngineEvent(context, change, {
      name,
      requestId: attemptId ?? payout.requestId,
      chain,
      keyId: context.treasury.key,
      payouts: [payout],
      error: reason,
    });
  }
}
