import type { PathFlag } from '@countersign/custody/flag';
import type { KeysConfig } from '@countersign/custody/keys-config';
import { openRegistry, type Registry, seedVariablesOf } from '@countersign/custody/registry';
import { ConfigError } from '@countersign/runtime/config';
import type { SignerConfig } from './config/config.ts';

/**
 * Opens the custodies that the flags admit. A key that is on `kms` has left its seed behind: the start is refused while the
 * variable is still set, and its legacy custody is not opened.
 *
 * @throws ConfigError, CustodyError naming the key.
 */
export async function openKeys(
  { policy: { keys: config }, env, aws }: SignerConfig,
  flag: PathFlag,
): Promise<Registry> {
  const keys: KeysConfig['keys'] = {};
  for (const [id, key] of Object.entries(config.keys)) {
    const path = flag.pathOf(id);
    if (key.custodies[path] === undefined) {
      throw new ConfigError([{ where: `key ${id}`, problem: `its flag says ${path}, and it has no such custody` }]);
    }
    const { legacy, ...others } = key.custodies;
    const leftBehind = path === 'kms' ? seedVariablesOf(config, id) : [];
    const [stillSet] = leftBehind.filter((variable) => env[variable] !== undefined);
    if (stillSet !== undefined) {
      throw new ConfigError([{ where: stillSet, problem: `key ${id} is on kms: its seed must leave the environment` }]);
    }
    keys[id] = { ...key, custodies: path === 'kms' ? others : key.custodies };
  }
  return openRegistry({ keys }, { env, aws });
}
