import type { AuditEvent } from '@countersign/audit/event';
import { inTransaction } from '@countersign/runtime/postgres';
import type { AppContext } from '../../app/context.ts';
import { recordEvent } from '../audit/record.ts';
import { getPayoutRow } from '../payouts/get-payout.ts';
import { validationFailed } from '../problem/validation.ts';
import type { PayoutApprovals } from './approvals-resource.ts';
import { type CheckedApproval, checkApproval } from './check-approval.ts';
import { getApprovals } from './get-approvals.ts';
import { payingAccount } from './paying-account.ts';
import { storeApproval } from './store-approval.ts';

export interface ApprovalRequest {
  readonly payoutId: string;
  readonly apiKeyId: string;
  readonly requestId: string;
  readonly body: unknown;
  /** Unix seconds. */
  readonly now: bigint;
  /** Makes the audit event of a stored approval; `added` is false where there was nothing new in it. */
  readonly stored: (approval: CheckedApproval, added: boolean) => AuditEvent;
}

/**
 * Takes an approval of a payout; approval and audit event are one commit. The same one again changes nothing.
 *
 * @returns what there is to approve and who has, with it.
 * @throws CountersignError NOT_FOUND, PAYER_UNKNOWN, VALIDATION_FAILED, PAYOUT_ENDED
 */
export async function approvePayout(
  context: Pick<AppContext, 'pool' | 'chains'>,
  request: ApprovalRequest,
): Promise<PayoutApprovals> {
  const { pool } = context;
  const { payoutId, apiKeyId, requestId, now } = request;
  const payout = await getPayoutRow(pool, payoutId);
  const read = checkApproval(payout, payingAccount(context.chains, payout), request.body, now);
  if (!read.ok) throw validationFailed(read.errors);
  await inTransaction(pool, async (sql) => {
    const added = await storeApproval(sql, { ...read.value, payoutId, apiKeyId, requestId });
    await recordEvent(sql, request.stored(read.value, added));
  });
  return getApprovals(context, payoutId, now);
}
