import type { AppContext } from '../../app/context.ts';
import { getPayoutRow } from '../payouts/get-payout.ts';
import { type ApprovalRow, approvalsOf, type PayoutApprovals } from './approvals-resource.ts';
import { payingAccount } from './paying-account.ts';

/** @param now Unix seconds. @throws CountersignError NOT_FOUND, PAYER_UNKNOWN */
export async function getApprovals(
  { pool, chains }: Pick<AppContext, 'pool' | 'chains'>,
  id: string,
  now: bigint,
): Promise<PayoutApprovals> {
  const payout = await getPayoutRow(pool, id);
  const account = payingAccount(chains, payout);
  const { rows } = await pool.query<ApprovalRow>(
    `select fingerprint, expires_at, added_at from payout_approvals where payout_id = $1 order by sequence desc limit 100`,
    [id],
  );
  return approvalsOf(payout, account, rows, now);
}
