import type { CustodyPath } from '@countersign/custody/flag';
import { ConfigError } from '@countersign/runtime/config';
import { configurationEvent } from '../audit/configuration-event.ts';
import type { PolicyInForce } from '../policy/policy-in-force.ts';
import type { Store } from '../store/store.ts';
import { latch, problemsWith } from './latch.ts';

/**
 * Puts the paths that the flags ask for at the start in force, with the event of the start. One way back to a seed that policy does
 * not allow, and the start is refused, which has its event too.
 *
 * @throws ConfigError naming the keys; CountersignError STORE_UNAVAILABLE.
 */
export async function startPaths(
  store: Store,
  inForce: PolicyInForce,
  paths: ReadonlyMap<string, CustodyPath>,
  at: Date,
): Promise<void> {
  const { policy, digest } = inForce;
  const steps = [...paths].map(([key, to]) => ({ key, to }));
  let problems: readonly string[] = [];
  await store.change(async (client) => {
    problems = await problemsWith(client, inForce, steps);
    if (problems.length === 0) await latch(client, steps);
    const refusal = { errorCode: 'CUSTODY_PATH_REFUSED', errorMessage: problems.join('; ') };
    const { version: policyVersion, environment } = policy;
    const parameters = { policyDigest: digest, policyVersion, environment, paths: Object.fromEntries(paths) };
    return [
      configurationEvent('StartSigner', at, [...paths.keys()], parameters, problems.length > 0 ? refusal : undefined),
    ];
  });
  if (problems.length > 0) throw new ConfigError(problems.map((problem) => ({ where: 'FLAGS_FILE', problem })));
}
