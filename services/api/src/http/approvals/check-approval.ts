import { APPROVAL_NAMESPACE, approvalStatement } from '@countersign/sshsig/approval';
import { SshsigError } from '@countersign/sshsig/error';
import { dearmor, verifySshsig } from '@countersign/sshsig/sshsig';
import type { PayoutRow } from '../payouts/payout-resource.ts';
import { accepted, type Read, refused } from '../payouts/read.ts';
import { fieldErrors } from '../problem/validation.ts';
import { approvePayoutBodySchema } from './approvals-resource.ts';

export interface CheckedApproval {
  /** Unix seconds. */
  readonly expiresAt: bigint;
  /** SSHSIG without its armor. */
  readonly signature: Uint8Array;
  /** Of the key that signed. */
  readonly fingerprint: string;
}

/**
 * Reads the body of POST /v1/payouts/{id}/approvals: a signature that is valid for exactly the terms of the payout. Whose it
 * is, and whether that counts, is no question here. Pure; `account` is the one that pays, `now` in Unix seconds.
 */
export function checkApproval(payout: PayoutRow, account: string, input: unknown, now: bigint): Read<CheckedApproval> {
  const body = approvePayoutBodySchema.safeParse(input);
  if (!body.success) return { ok: false, errors: fieldErrors(body.error, input, 'body') };
  const expiresAt = BigInt(body.data.expires_at);
  if (expiresAt <= now) {
    return refused('expires_at', 'EXPIRED', `expected a time after now (${now}), got ${expiresAt}`);
  }
  try {
    const [signature, ...more] = dearmor(body.data.signature);
    if (signature === undefined || more.length > 0) {
      return refused('signature', 'INVALID_FORMAT', 'expected one armored SSH signature');
    }
    const message = statementOf(payout, account, expiresAt);
    const { fingerprint } = verifySshsig(signature, { namespace: APPROVAL_NAMESPACE, message });
    return accepted({ expiresAt, signature, fingerprint });
  } catch (error) {
    if (!(error instanceof SshsigError)) throw error;
    return refused('signature', error.code, error.message);
  }
}

function statementOf(payout: PayoutRow, account: string, expiresAt: bigint): string {
  const { memo_type: type, memo_value: value } = payout;
  return approvalStatement({
    payoutId: payout.id,
    keyId: payout.key_id,
    account,
    network: payout.chain,
    destination: payout.destination,
    asset: payout.asset,
    amount: BigInt(payout.amount),
    ...(type !== null && value !== null && { memo: `${type}:${value}` }),
    expiresAt,
  });
}
