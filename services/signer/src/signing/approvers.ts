import { memoText } from '@countersign/chains/transfer';
import type { ApprovalRules } from '@countersign/policy/schema';
import { APPROVAL_NAMESPACE, approvalStatement } from '@countersign/sshsig/approval';
import { SshsigError } from '@countersign/sshsig/error';
import { verifySshsig } from '@countersign/sshsig/sshsig';
import type { Approval, DeclaredPayout, Proposal } from './proposal.ts';

/**
 * Names of the approvers who signed for exactly this payout, by exactly this key on this network, until a time that is still to
 * come and not further off than policy allows. A signature that is not valid, or nobody's, counts nothing: whether enough are
 * left is for policy to say.
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
  const inTime = payout.approvals.filter(({ expiresAt }) => expiresAt > now && expiresAt - now <= rules.maxLifetime);
  const signed = inTime.map((approval) => {
    const statement = approvalStatement({
      payoutId: payout.payoutId,
      keyId: key.id,
      network: transaction.chain,
      destination: payout.destination,
      asset: payout.asset,
      amount: payout.amount,
      memo: payout.memo && memoText(payout.memo),
      expiresAt: approval.expiresAt,
    });
    return signerOf(approval, statement);
  });
  return new Set(signed.flatMap((fingerprint) => rules.approvers.get(fingerprint ?? '') ?? []));
}

/** The fingerprint of the key that signed the statement; none where it did not. */
function signerOf({ signature }: Approval, message: string): string | undefined {
  try {
    return verifySshsig(signature, { namespace: APPROVAL_NAMESPACE, message }).fingerprint;
  } catch (error) {
    if (error instanceof SshsigError) return undefined;
    throw error;
  }
}
