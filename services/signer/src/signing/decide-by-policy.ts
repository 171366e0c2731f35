import type { Transfer } from '@countersign/chains/transfer';
import { CountersignError } from '@countersign/contract/errors';
import { decide } from '@countersign/policy/decide';
import type { KeyPolicy } from '@countersign/policy/schema';
import type { SignerContext } from '../context.ts';
import type { PolicyInForce } from '../policy/policy-in-force.ts';
import type { Proposal } from './proposal.ts';
import { custodyOf } from './sign.ts';

/**
 * Stage 4. Asks the policy of the key; a key without a policy signs nothing. Nor is anything reserved for a key that could not
 * sign now.
 *
 * @returns the policy that allowed it.
 * @throws CountersignError POLICY_DENIED with every violated rule, CUSTODY_REFUSED.
 */
export function decideByPolicy(
  { clock, flag }: Pick<SignerContext, 'clock' | 'flag'>,
  { policy }: PolicyInForce,
  caller: string,
  { key, purpose, transaction }: Proposal,
  transfers: readonly Transfer[],
): KeyPolicy {
  const keyPolicy = policy.keys.get(key.id);
  if (keyPolicy === undefined) throw denied([{ code: 'NO_POLICY', message: `key_id: no policy names ${key.id}` }]);
  const now = BigInt(Math.floor(clock().getTime() / 1000));
  const decision = decide(keyPolicy, { caller, purpose, transaction, transfers, now });
  if (!decision.allowed) throw denied(decision.reasons);
  custodyOf(flag, key);
  return keyPolicy;
}

function denied(reasons: readonly { code: string; message: string }[]): CountersignError {
  const rules = reasons.map(({ code }) => code).join(', ');
  return new CountersignError('POLICY_DENIED', `the policy of the key denies this: ${rules}`, { reasons });
}
