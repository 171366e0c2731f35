import { CustodyError } from '@countersign/custody/error';
import type { Registry } from '@countersign/custody/registry';
import { configurationEvent } from '../audit/configuration-event.ts';
import type { PolicyInForce } from '../policy/policy-in-force.ts';
import type { Store } from '../store/store.ts';
import type { PathChange } from './custody-paths.ts';
import { latch, problemsWith } from './latch.ts';

/**
 * Asks the database whether a key may take another path, or stay on the one it is on, and makes the key ready for it; the event of
 * the answer is in the same commit. A seed is read only where the way back is granted, and forgotten where that comes to nothing.
 *
 * @returns why not. @throws CountersignError where the database does not answer: it may have been done.
 */
export async function changePath(
  store: Pick<Store, 'change'>,
  registry: Pick<Registry, 'keys' | 'openLegacy' | 'closeLegacy'>,
  inForce: PolicyInForce,
  change: PathChange,
  at: Date,
): Promise<string | undefined> {
  const { key, from, to } = change;
  const parameters = { from, to, policyDigest: inForce.digest, policyVersion: inForce.policy.version };
  let problem: string | undefined;
  let isGranted = false;
  try {
    await store.change(async (client) => {
      [problem = unready(registry, change)] = await problemsWith(client, inForce, [change]);
      if (problem === undefined) await latch(client, [change]);
      const refusal = problem === undefined ? undefined : { errorCode: 'CUSTODY_PATH_REFUSED', errorMessage: problem };
      return [configurationEvent('SetCustodyPath', at, [key], parameters, refusal)];
    });
    isGranted = problem === undefined;
  } finally {
    // Also where a first try was granted and the next one, with a newer policy, was not.
    if (from === 'kms' && !isGranted) registry.closeLegacy(key);
  }
  return problem;
}

/** Opens the seed that the path needs. @returns which custody it needs and the signer does not have. */
function unready(registry: Pick<Registry, 'keys' | 'openLegacy'>, { key, to }: PathChange): string | undefined {
  if (to !== 'legacy' && registry.keys.get(key)?.custodies.kms === undefined) {
    return `key ${key}: expected a kms custody, which ${to} needs`;
  }
  if (to === 'kms') return undefined;
  try {
    registry.openLegacy(key);
    return undefined;
  } catch (error) {
    if (!(error instanceof CustodyError)) throw error;
    return error.message;
  }
}
