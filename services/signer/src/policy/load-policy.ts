import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { types } from 'node:util';
import { type KeysConfig, keysSchema } from '@countersign/custody/registry';
import { type Policy, policySchema } from '@countersign/policy/schema';
import { ConfigError } from '@countersign/runtime/config';
import { parseYaml } from '@countersign/runtime/yaml';
import { checkPolicy } from '../config/check-policy.ts';

/** Where a policy bundle is. */
export interface PolicyFiles {
  readonly policy: string;
  readonly keys: string;
}

/** A bundle as it was read and checked: the policy, and the keys that it is for. */
export interface LoadedPolicy {
  readonly policy: Policy;
  readonly keys: KeysConfig;
  /** Hex: SHA-256 of the policy file. */
  readonly digest: string;
  /** Hex: SHA-256 of the keys file. */
  readonly keysDigest: string;
}

/** @throws ConfigError naming the variable, or the file, line and field. */
export function loadPolicy(files: PolicyFiles, now: Date): LoadedPolicy {
  const policyText = readText('POLICY_FILE', files.policy);
  const keysText = readText('KEYS_FILE', files.keys);
  const keys = parseYaml(keysText, keysSchema, files.keys);
  return {
    policy: checkPolicy(parseYaml(policyText, policySchema, files.policy), keys, files.policy, now),
    keys,
    digest: sha256(policyText),
    keysDigest: sha256(keysText),
  };
}

function readText(variable: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = types.isNativeError(cause) && 'code' in cause ? String(cause.code) : 'unknown';
    throw new ConfigError([{ where: variable, problem: `cannot read the file (${code})` }]);
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
