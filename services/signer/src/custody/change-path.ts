import { CustodyError } from '@countersign/custody/error';
import type { Registry } from '@countersign/custody/registry';
import { configurationEvent } from '../audit/configuration-event.ts';
import type { Store } from '../store/store.ts';
import type { PathChange } from './custody-paths.ts';
import { latch } from './latch.ts';

/**
 * Makes a key ready for another path, and asks the database whether it may take it; the event of the answer is in the same commit.
 * A seed that turns out not to be needed is forgotten again.
 *
 * @returns why not.
 */
export async function changePath(
  store: Store,
  registry: Pick<Registry, 'keys' | 'openLegacy' | 'closeLegacy'>,
  change: PathChange & { readonly allowLegacy: boolean },
  at: Date,
): Promise<string | undefined> {
  const { key, from, to } = change;
  const unready = makeReady(registry, change);
  let problem = unready;
  await store.change(async (client) => {
    if (unready === undefined) [problem] = await latch(client, [change]);
    const refusal = problem === undefined ? undefined : { errorCode: 'CUSTODY_PATH_REFUSED', errorMessage: problem };
    return [configurationEvent('SetCustodyPath', at, [key], { from, to }, refusal)];
  });
  if (problem !== undefined && from === 'kms') registry.closeLegacy(key);
  return problem;
}

/** @returns which custody the path needs and the signer cannot open. */
function makeReady(registry: Pick<Registry, 'keys' | 'openLegacy'>, { key, to }: PathChange): string | undefined {
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
