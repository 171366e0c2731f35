import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { types } from 'node:util';
import { type KeysConfig, keysSchema } from '@countersign/custody/registry';
import { policyForKeys } from '@countersign/policy/policy-for-keys';
import type { Policy } from '@countersign/policy/schema';
import { ConfigError } from '@countersign/runtime/config';
import { parseYaml } from '@countersign/runtime/yaml';
import { SshsigError } from '@countersign/sshsig/error';
import { bundleStatement } from '@countersign/sshsig/policy-bundle';
import { verifyBundle } from '@countersign/sshsig/verify-bundle';

/** Where a policy bundle is, and who has to have signed it. */
export interface PolicyFiles {
  readonly policy: string;
  readonly keys: string;
  /** Without it, any bundle is taken that is not older than the one in force. */
  readonly signed?: SignedFiles;
}

export interface SignedFiles {
  /** Armored signatures, read with the bundle. */
  readonly signatures: string;
  /** Text: a public key a line, and whose it is; read once, at the start. */
  readonly signers: string;
  readonly needed: number;
}

/** A bundle as it was read and checked: the policy, and the keys that it is for. */
export interface LoadedPolicy {
  readonly policy: Policy;
  readonly keys: KeysConfig;
  /** Hex: SHA-256 of the statement of the bundle, which names both files. */
  readonly digest: string;
  /** Names of operators; none where no signature is asked for. */
  readonly signedBy: readonly string[];
  /** Hex: SHA-256 of the keys file. */
  readonly keysDigest: string;
}

/** The files whose change may be another bundle. */
export function watchedFiles({ policy, keys, signed }: PolicyFiles): string[] {
  return [policy, keys, ...(signed === undefined ? [] : [signed.signatures])];
}

/** Reads and checks a bundle; one that needs signatures and lacks them is none. @throws ConfigError naming the variable, or the file, line and field. */
export function loadPolicy(files: PolicyFiles, now: Date): LoadedPolicy {
  const policyBytes = readBytes('POLICY_FILE', files.policy);
  const keysBytes = readBytes('KEYS_FILE', files.keys);
  const keys = parseYaml(textOf('KEYS_FILE', keysBytes), keysSchema, files.keys);
  const schema = policyForKeys(keys.keys, BigInt(Math.floor(now.getTime() / 1000)));
  const policy = parseYaml(textOf('POLICY_FILE', policyBytes), schema, files.policy);
  const { environment, version } = policy;
  const keysDigest = sha256(keysBytes);
  const statement = bundleStatement({
    environment,
    version,
    policySha256: sha256(policyBytes),
    keysSha256: keysDigest,
  });
  const signedBy = files.signed === undefined ? [] : signersOf(statement, files.signed);
  return { policy, keys, digest: sha256(statement), keysDigest, signedBy };
}

function signersOf(statement: string, { signatures: file, signers, needed }: SignedFiles): readonly string[] {
  const signatures = readText('POLICY_SIGNATURES_FILE', file);
  try {
    return verifyBundle({ statement, signatures, signers, needed }).signedBy;
  } catch (error) {
    if (!(error instanceof SshsigError)) throw error;
    throw new ConfigError([{ where: 'POLICY_SIGNATURES_FILE', problem: error.message }]);
  }
}

export function readText(variable: string, file: string): string {
  return textOf(variable, readBytes(variable, file));
}

function readBytes(variable: string, file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    const code = types.isNativeError(cause) && 'code' in cause ? String(cause.code) : 'unknown';
    throw new ConfigError([{ where: variable, problem: `cannot read the file (${code})` }]);
  }
}

/** What was signed is bytes: no two different ones may read as the same text. */
function textOf(variable: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ConfigError([{ where: variable, problem: 'expected UTF-8' }]);
  }
}

function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
