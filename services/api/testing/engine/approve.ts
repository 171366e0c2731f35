import { CountersignError } from '@countersign/contract/errors';
import type { SignTransactionRequest } from '@countersign/contract/signer';
import { inTransaction } from '@countersign/runtime/postgres';
import { storeApproval } from '../../src/http/approvals/store-approval.ts';
import type { EngineDatabase } from './database.ts';

// Far beyond the clock of any stand.
const LATER = 99_999_999_999n;

/** Stores an approval, as POST /v1/payouts/{id}/approvals does with one that it has checked. */
export async function approve(
  { pool }: EngineDatabase,
  payoutId: string,
  { by = 'SHA256:one', expiresAt = LATER }: { readonly by?: string; readonly expiresAt?: bigint } = {},
): Promise<void> {
  const signature = new TextEncoder().encode(by);
  const approval = { payoutId, fingerprint: by, expiresAt, signature, apiKeyId: 'ak_test', requestId: 'rq_test' };
  await inTransaction(pool, (sql) => storeApproval(sql, approval));
}

/** Refuses as the signer does where payouts of this amount and above need so many approvals. */
export function approvalsAbove(amount: bigint, needed = 1) {
  return ({ payouts }: SignTransactionRequest): CountersignError | undefined => {
    const reasons = payouts.flatMap((payout, index) =>
      BigInt(payout.amount) < amount || payout.approvals.length >= needed
        ? []
        : [{ code: 'APPROVAL_REQUIRED', message: `payouts[${index}]: expected ${needed} approvals, got fewer` }],
    );
    return reasons.length === 0
      ? undefined
      : new CountersignError('APPROVAL_REQUIRED', 'approvals are missing', { reasons });
  };
}

/** Refuses as the signer does when a limit over time has no room for so much. */
export function limitBelow(room: () => bigint) {
  return ({ payouts }: SignTransactionRequest): CountersignError | undefined => {
    const asked = payouts.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
    if (asked <= room()) return undefined;
    const message = `amount: expected at most ${room()} more in 86400 s, got ${asked}`;
    return new CountersignError('LIMIT_REACHED', message, { reasons: [{ code: 'AMOUNT_WINDOW', message }] });
  };
}
