import { quote, SshsigError } from './error.ts';
import { jsonString } from './json-string.ts';
import { wordLine } from './line.ts';

/** What `ssh-keygen -Y sign -n` is given for a policy bundle. */
export const POLICY_NAMESPACE = 'countersign-policy';

/** A policy and the keys that it is for. */
export interface PolicyBundle {
  /** As the policy file has it. */
  readonly environment: string;
  readonly version: number;
  /** SHA-256 of the bytes of POLICY_FILE, 64 hex digits. */
  readonly policySha256: string;
  /** SHA-256 of the bytes of KEYS_FILE, 64 hex digits. */
  readonly keysSha256: string;
}

const SHA256 = /^[0-9a-f]{64}$/;

/**
 * The text that operators sign to put a policy in force, in docs/ssh-signatures.md line by line. Its SHA-256 is the digest of the
 * bundle.
 * @throws SshsigError INVALID_TERMS naming the line.
 */
export function bundleStatement({ environment, version, policySha256, keysSha256 }: PolicyBundle): string {
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new SshsigError('INVALID_TERMS', `version: expected an integer from 1, got ${version}`);
  }
  return [
    'countersign policy bundle v1\n',
    `environment: ${jsonString(environment)}\n`,
    wordLine('version', version.toString()),
    wordLine('policy', sha256('policy', policySha256)),
    wordLine('keys', sha256('keys', keysSha256)),
  ].join('');
}

function sha256(name: string, hex: string): string {
  if (SHA256.test(hex)) return hex;
  throw new SshsigError('INVALID_TERMS', `${name}: expected a SHA-256 in 64 hex digits, got ${quote(hex)}`);
}
