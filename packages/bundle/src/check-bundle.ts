import { createHash } from 'node:crypto';
import { assertKeys } from '@countersign/custody/assert-keys';
import { CustodyError } from '@countersign/custody/error';
import { type KeysConfig, keysSchema } from '@countersign/custody/keys-config';
import { policyForKeys } from '@countersign/policy/policy-for-keys';
import { type Policy, policySchema } from '@countersign/policy/schema';
import { ConfigError, type ConfigProblem } from '@countersign/runtime/config';
import { textOf } from '@countersign/runtime/text-file';
import { parseYaml } from '@countersign/runtime/yaml';
import { bundleStatement } from '@countersign/sshsig/policy-bundle';
import type { BundleFile, BundleFiles } from './read-bundle.ts';

/** A policy and its keys, held to all that can be said of them without a database or a key backend. */
export interface Bundle {
  readonly policy: Policy;
  readonly keys: KeysConfig;
  /** What operators sign. */
  readonly statement: string;
  /** SHA-256 of the statement, hex: what audit events show. */
  readonly digest: string;
  /** SHA-256 of the keys file, hex. */
  readonly keysDigest: string;
}

/** @throws ConfigError with everything that is wrong in either file, by line and field. */
export function checkBundle(files: BundleFiles, now: Date): Bundle {
  const problems: ConfigProblem[] = [];
  const collect = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };
  const keys = collect(() => readKeys(files.keys));
  const schema = keys === undefined ? policySchema : policyForKeys(keys.keys, BigInt(Math.floor(now.getTime() / 1000)));
  const { file, bytes } = files.policy;
  const policy = collect(() => parseYaml(textOf(bytes, file), schema, file));
  if (keys === undefined || policy === undefined) throw new ConfigError(problems);
  const { environment, version } = policy;
  const keysDigest = sha256(files.keys.bytes);
  const statement = bundleStatement({ environment, version, policySha256: sha256(bytes), keysSha256: keysDigest });
  return { policy, keys, statement, digest: sha256(statement), keysDigest };
}

function readKeys({ file, bytes }: BundleFile): KeysConfig {
  const keys = parseYaml(textOf(bytes, file), keysSchema, file);
  try {
    assertKeys(keys.keys);
  } catch (error) {
    if (!(error instanceof CustodyError)) throw error;
    throw new ConfigError([{ where: file, problem: error.message }]);
  }
  return keys;
}

function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
