import type { Pool } from 'pg';
import { getPayoutRow } from '../payouts/get-payout.ts';
import { type ApprovalRow, approvalsOf, type PayoutApprovals } from './approvals-resource.ts';

/** @param now Unix seconds. @throws CountersignError NOT_FOUND */
export async function getApprovals(pool: Pool, id: string, now: bigint): Promise<PayoutApprovals> {
  const payout = await getPayoutRow(pool, id);
  const { rows } = await pool.query<ApprovalRow>(
    `select fingerprint, expires_at, added_at from payout_approvals where payout_id = $1 order by sequence desc limit 100`,
    [id],
  );
  return approvalsOf(payout, rows, now);
}
