import { memoText } from '@countersign/chains/transfer';
import type { ApprovalRules } from '@countersign/policy/schema';
import { APPROVAL_NAMESPACE, approvalStatement } from '@countersign/sshsig/approval';
import { SshsigError } from '@countersign/sshsig/error';
import { claimedFingerprint, verifySshsig } from '@countersign/sshsig/sshsig';
import type { Approval, DeclaredPayout, Proposal } from './proposal.ts';

/**
 * Names of the approvers who signed for exactly this payout, by exactly this key on this network, until a time that is still to
 * come and not further off than policy allows. A signature that is not valid, or nobody's, counts nothing: whether enough are
 * left is for policy to say. Of each approver the first signature in time is verified and no other, so that a request cannot
 * make the signer verify more than there are approvers.
 *
 * @param now Unix seconds.
 */
export function approversOf(
  rules: ApprovalRules | undefined,
  { key, transaction }: Pick<Proposal, 'key' | 'transaction'>,
  payout: DeclaredPayout,
  now: bigint,
): ReadonlySet<string> {
  if (rules === undefined) return new Set();
  const claimed = new Map<string, Approval>();
  for (const approval of payout.approvals) {
    const { expiresAt, signature } = approval;
    if (expiresAt <= now || expiresAt - now > rules.maxLifetime) continue;
    const name = rules.approvers.get(valid(() => claimedFingerprint(signature)) ?? '');
    if (name !== undefined && !claimed.has(name)) claimed.set(name, approval);
  }
  const signed = [...claimed].filter(([, { expiresAt, signature }]) => {
    const message = approvalStatement({
      payoutId: payout.payoutId,
      keyId: key.id,
      network: transaction.chain,
      destination: payout.destination,
      asset: payout.asset,
      amount: payout.amount,
      memo: payout.memo && memoText(payout.memo),
      expiresAt,
    });
    return valid(() => verifySshsig(signature, { namespace: APPROVAL_NAMESPACE, message })) !== undefined;
  });
  return new Set(signed.map(([name]) => name));
}

function valid<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof SshsigError) return undefined;
    throw error;
  }
}
