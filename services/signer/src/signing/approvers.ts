import { memoText } from '@countersign/chains/transfer';
import type { ApprovalRules, KeyPolicy } from '@countersign/policy/schema';
import { APPROVAL_NAMESPACE, approvalStatement } from '@countersign/sshsig/approval';
import { SshsigError } from '@countersign/sshsig/error';
import { claimedFingerprint, verifySshsig } from '@countersign/sshsig/sshsig';
import type { Approval, PayoutWithApprovals, Proposal } from './proposal.ts';

// An honest caller sends hardly any, since the API has verified them. Each costs up to some milliseconds, in which nobody else is served.
const MOST_INVALID = 16;

/** Who pays, in the words of an approval. */
interface Payer {
  readonly keyId: string;
  readonly account: string;
  readonly network: string;
}

/** The account is the key's own, but on Stellar, where a key can sign for an account of another name: there policy names it. */
export function payerOf(policy: KeyPolicy, { key, transaction }: Pick<Proposal, 'key' | 'transaction'>): Payer {
  const account = policy.kind === 'stellar' ? policy.account : key.address;
  return { keyId: key.id, account, network: transaction.chain };
}

/**
 * Names of the approvers who signed for exactly a payout by exactly this payer, until a time that is still to come and not
 * further off than policy allows. A signature that is not valid, or nobody's, counts nothing: whether enough are left is for
 * policy to say. Of each approver the first signature in time is verified and no other, no more of them than policy needs, and
 * none any more once 16 of one request were not valid; so a request cannot make the signer verify without end.
 *
 * @param now Unix seconds.
 * @returns what is to be asked of each payout of the request.
 */
export function approversOf(
  rules: ApprovalRules | undefined,
  payer: Payer,
  now: bigint,
): (payout: PayoutWithApprovals) => ReadonlySet<string> {
  let invalid = 0;
  return (payout) => {
    const names = new Set<string>();
    if (rules === undefined) return names;
    for (const [name, approval] of claimedIn(rules, payout, now)) {
      if (names.size >= rules.threshold || invalid >= MOST_INVALID) break;
      if (isSigned(payer, payout, approval)) names.add(name);
      else invalid++;
    }
    return names;
  };
}

/** The approval of each approver that is to be verified. */
function claimedIn(rules: ApprovalRules, { approvals }: PayoutWithApprovals, now: bigint): Map<string, Approval> {
  const claimed = new Map<string, Approval>();
  for (const approval of approvals) {
    const { expiresAt, signature } = approval;
    if (expiresAt <= now || expiresAt - now > rules.maxLifetime) continue;
    const name = rules.approvers.get(valid(() => claimedFingerprint(signature)) ?? '');
    if (name !== undefined && !claimed.has(name)) claimed.set(name, approval);
  }
  return claimed;
}

function isSigned(
  { keyId, account, network }: Payer,
  payout: PayoutWithApprovals,
  { expiresAt, signature }: Approval,
): boolean {
  const message = approvalStatement({
    payoutId: payout.payoutId,
    keyId,
    account,
    network,
    destination: payout.destination,
    asset: payout.asset,
    amount: payout.amount,
    memo: payout.memo && memoText(payout.memo),
    expiresAt,
  });
  return valid(() => verifySshsig(signature, { namespace: APPROVAL_NAMESPACE, message })) !== undefined;
}

function valid<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof SshsigError) return undefined;
    throw error;
  }
}
