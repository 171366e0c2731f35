import { parseArgs } from 'node:util';
import { assertKeys } from '@countersign/custody/assert-keys';
import { CustodyError } from '@countersign/custody/error';
import { type KeyConfig, type KeysConfig, type keysDraftSchema, keysSchema } from '@countersign/custody/keys-config';
import { ConfigError } from '@countersign/runtime/config';
import { readText } from '@countersign/runtime/text-file';
import { parseYaml } from '@countersign/runtime/yaml';
import { type Io, UsageError } from '../command.ts';

export interface KeysAsked {
  readonly file: string;
  readonly config: KeysConfig;
  /** Those that were named, or all, in the order of the file. */
  readonly keys: readonly (readonly [id: string, key: KeyConfig])[];
  readonly json: boolean;
}

/**
 * Reads `[KEY…] [--keys FILE] [--json]`; without `--keys` the file that KEYS_FILE names.
 * @throws UsageError, or ConfigError with the line of the file
 */
export function readKeys(args: readonly string[], { env }: Io): KeysAsked {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { keys: { type: 'string' }, json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const file = keysFileOf(values.keys, env);
  const config = parseKeysFile(readText(file), file);
  const known = Object.entries(config.keys);
  const unknown = positionals.find((id) => !known.some(([key]) => key === id));
  if (unknown !== undefined) throw new ConfigError([{ where: file, problem: `no key ${unknown}` }]);
  return {
    file,
    config,
    json: values.json,
    keys: known.filter(([id]) => positionals.length === 0 || positionals.includes(id)),
  };
}

/** @param option of the command line; without it the file that KEYS_FILE names. @throws UsageError */
export function keysFileOf(option: string | undefined, { KEYS_FILE }: NodeJS.ProcessEnv): string {
  const file = option ?? KEYS_FILE;
  if (file === undefined || file === '') throw new UsageError('--keys or KEYS_FILE: expected the keys file');
  return file;
}

/** @throws ConfigError */
export function parseKeysFile(
  text: string,
  file: string,
  schema: typeof keysSchema | typeof keysDraftSchema = keysSchema,
): KeysConfig {
  const config = parseYaml(text, schema, file);
  try {
    assertKeys(config.keys);
  } catch (error) {
    if (!(error instanceof CustodyError)) throw error;
    throw new ConfigError([{ where: file, problem: error.message }]);
  }
  return config;
}
