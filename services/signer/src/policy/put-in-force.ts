import { configurationEvent } from '../audit/configuration-event.ts';
import type { Store } from '../store/store.ts';
import { type Acceptance, acceptPolicy } from './accept-policy.ts';
import type { LoadedPolicy } from './load-policy.ts';
import { windowsOf } from './policy-windows.ts';

/** Asks the database whether a policy may be in force, and leaves the event of the answer in the same commit. */
export async function putInForce(
  store: Store,
  { policy, digest, signedBy }: LoadedPolicy,
  at: Date,
): Promise<Acceptance> {
  const { version, environment } = policy;
  const named = { policyVersion: version, environment, policyDigest: digest, signedBy };
  let answer: Acceptance = { accepted: false, problem: 'not asked' };
  await store.change(async (client) => {
    answer = await acceptPolicy(client, { version, environment, digest }, windowsOf(policy));
    const refusal = answer.accepted ? undefined : { errorCode: 'POLICY_REFUSED', errorMessage: answer.problem };
    return [configurationEvent('SetPolicy', at, [...policy.keys.keys()], named, refusal)];
  });
  return answer;
}
