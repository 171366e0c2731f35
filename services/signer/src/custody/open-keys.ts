import type { CustodyPath } from '@countersign/custody/flag';
import { openRegistry, type Registry, seedVariablesOf } from '@countersign/custody/registry';
import type { Surroundings } from '@countersign/custody/surroundings';
import { ConfigError } from '@countersign/runtime/config';
import type { SignerConfig } from '../config/config.ts';

/**
 * Opens the custodies that the flags need. A key that is on `kms` has left its seed behind: the start is refused while the
 * variable is still set, and its legacy custody is not opened.
 *
 * @throws ConfigError, CustodyError naming the key.
 */
export async function openKeys(
  { policy: { keys: config }, env, aws }: SignerConfig,
  paths: ReadonlyMap<string, CustodyPath>,
  onCircuit: NonNullable<Surroundings['onCircuit']>,
): Promise<Registry> {
  for (const [id, { custodies }] of Object.entries(config.keys)) {
    const path = paths.get(id) ?? 'kms';
    const needed = { legacy: ['legacy'], shadow: ['legacy', 'kms'], kms: ['kms'] } as const;
    const missing = needed[path].find((one) => custodies[one] === undefined);
    if (missing !== undefined) {
      throw new ConfigError([
        { where: `key ${id}`, problem: `its flag says ${path}, and it has no custody named ${missing}` },
      ]);
    }
    const [stillSet] =
      path === 'kms' ? seedVariablesOf(config, id).filter((variable) => env[variable] !== undefined) : [];
    if (stillSet !== undefined) {
      throw new ConfigError([{ where: stillSet, problem: `key ${id} is on kms: its seed must leave the environment` }]);
    }
  }
  return openRegistry(config, { env, aws, onCircuit }, (id) => paths.get(id) !== 'kms');
}
