import type { Approvals } from './approvals.ts';
import { recordEngineEvent } from './audit.ts';
import type { Change } from './commit.ts';
import type { EngineContext } from './context.ts';
import { movePayouts, type PayoutReason } from './move-payouts.ts';
import type { Payout } from './payouts.ts';

interface Unapproved {
  readonly chain: string;
  readonly keyId: string;
  /** at_…: the request that was refused. */
  readonly attemptId: string;
  readonly judged: readonly { readonly payout: Payout; readonly reason: PayoutReason }[];
  /** Those that the signer was shown, by payout. */
  readonly approvals: ReadonlyMap<string, Approvals>;
}

/**
 * Takes payouts out of the work until an approver has signed for them; nothing of them may be bound. One whose approval came
 * while the signer was asked without it goes back into the queue at once: nobody would look at it again otherwise.
 */
export async function awaitApproval(
  context: EngineContext,
  change: Change,
  { chain, keyId, attemptId, judged, approvals }: Unapproved,
): Promise<void> {
  const late: string[] = [];
  for (const { payout, reason } of judged) {
    const { expired = 0, newest = 0n } = approvals.get(payout.id) ?? {};
    const why = { ...reason, detail: expired === 0 ? reason.detail : `${expired} expired; ${reason.detail}` };
    await movePayouts(context, change, {
      chain,
      ids: [payout.id],
      from: ['signing'],
      to: 'needs_approval',
      reason: why,
    });
    await recordEngineEvent(context, change, {
      name: 'PayoutNeedsApproval',
      requestId: attemptId,
      chain,
      keyId,
      payouts: [payout],
      error: why,
    });
    // The payout's row is locked by the move, and whoever stores an approval locks it too.
    const { rowCount } = await change.sql.query(
      'select 1 from payout_approvals where payout_id = $1 and sequence > $2 limit 1',
      [payout.id, newest],
    );
    if (rowCount === 1) late.push(payout.id);
  }
  if (late.length === 0) return;
  await movePayouts(context, change, { chain, ids: late, from: ['needs_approval'], to: 'approved' });
  await change.sql.query(`select pg_notify('payouts', '')`);
}
