import { createHash } from 'node:crypto';
import { assertKeys } from '@countersign/custody/assert-keys';
import { CustodyError } from '@countersign/custody/error';
import { type KeysConfig, keysSchema } from '@countersign/custody/registry';
import { policyForKeys } from '@countersign/policy/policy-for-keys';
import { type Policy, policySchema } from '@countersign/policy/schema';
import { ConfigError, type ConfigProblem } from '@countersign/runtime/config';
import { parseYaml } from '@countersign/runtime/yaml';
import { bundleStatement } from '@countersign/sshsig/policy-bundle';
import { readBytes, textOf } from './read-file.ts';

/** The two files that are signed together, as they were read. */
interface BundleFiles {
  readonly policy: { readonly file: string; readonly bytes: Uint8Array };
  readonly keys: { readonly file: string; readonly bytes: Uint8Array };
}

/** A policy and its keys, held to all that can be said of them without a database or a key backend. */
export interface Bundle {
  readonly policy: Policy;
  readonly keys: KeysConfig['keys'];
  /** What operators sign. */
  readonly statement: string;
  /** SHA-256 of the statement, hex: what audit events show. */
  readonly digest: string;
}

/** @throws ConfigError for a file that cannot be read. */
export function readBundle(files: { readonly policy: string; readonly keys: string }): BundleFiles {
  return {
    policy: { file: files.policy, bytes: readBytes(files.policy) },
    keys: { file: files.keys, bytes: readBytes(files.keys) },
  };
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
  const schema = keys === undefined ? policySchema : policyForKeys(keys, BigInt(Math.floor(now.getTime() / 1000)));
  const { file, bytes } = files.policy;
  const policy = collect(() => parseYaml(textOf(bytes, file), schema, file));
  if (keys === undefined || policy === undefined) throw new ConfigError(problems);
  const statement = bundleStatement({
    environment: policy.environment,
    version: policy.version,
    policySha256: sha256(bytes),
    keysSha256: sha256(files.keys.bytes),
  });
  return { policy, keys, statement, digest: sha256(statement) };
}

function readKeys({ file, bytes }: BundleFiles['keys']): KeysConfig['keys'] {
  const { keys } = parseYaml(textOf(bytes, file), keysSchema, file);
  try {
    assertKeys(keys);
  } catch (error) {
    if (!(error instanceof CustodyError)) throw error;
    throw new ConfigError([{ where: file, problem: error.message }]);
  }
  return keys;
}

function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
