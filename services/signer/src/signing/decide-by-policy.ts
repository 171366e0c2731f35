import { CountersignError, type ErrorCode } from '@countersign/contract/errors';
import { decide } from '@countersign/policy/decide';
import type { KeyPolicy } from '@countersign/policy/schema';
import type { SignerContext } from '../context.ts';
import type { PolicyInForce } from '../policy/policy-in-force.ts';
import { approversOf, payerOf } from './approvers.ts';
import type { Proposal } from './proposal.ts';
import { custodyOf } from './sign.ts';

/** What allowed a proposal. */
export interface Decided {
  readonly policy: KeyPolicy;
  /** Payout id → names of those whose approval was asked for and counted. */
  readonly approvers: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Stage 4. Asks the policy of the key; a key without a policy signs nothing. Nor is anything reserved for a key that could not
 * sign now.
 *
 * @throws CountersignError POLICY_DENIED with every violated rule, APPROVAL_REQUIRED where nothing but approvals is missing,
 *   CUSTODY_REFUSED.
 */
export function decideByPolicy(
  { clock, paths }: Pick<SignerContext, 'clock' | 'paths'>,
  { policy }: PolicyInForce,
  caller: string,
  proposal: Proposal,
): Decided {
  const { key, purpose, transaction } = proposal;
  const keyPolicy = policy.keys.get(key.id);
  if (keyPolicy === undefined) {
    throw refused('POLICY_DENIED', [{ code: 'NO_POLICY', message: `key_id: no policy names ${key.id}` }]);
  }
  const now = BigInt(Math.floor(clock().getTime() / 1000));
  const approversFor = approversOf(keyPolicy.approvals, payerOf(keyPolicy, proposal), now);
  const approvers = new Map<string, ReadonlySet<string>>();
  const payouts = proposal.payouts.map((payout) => ({
    ...payout,
    // Asked for where policy needs approvals, and nowhere else: signatures that change nothing cost nothing.
    get approvers() {
      const names = approversFor(payout);
      approvers.set(payout.payoutId, names);
      return names;
    },
  }));
  const decision = decide(keyPolicy, { caller, purpose, transaction, payouts, now });
  if (!decision.allowed) {
    const approvable = decision.reasons.every(({ code }) => code === 'APPROVAL_REQUIRED');
    throw refused(approvable ? 'APPROVAL_REQUIRED' : 'POLICY_DENIED', decision.reasons);
  }
  custodyOf(paths, key);
  return { policy: keyPolicy, approvers };
}

function refused(code: ErrorCode, reasons: readonly { code: string; message: string }[]): CountersignError {
  const rules = [...new Set(reasons.map(({ code }) => code))].join(', ');
  return new CountersignError(code, `the policy of the key denies this: ${rules}`, { reasons });
}
