import { type Bundle, checkBundle } from '@countersign/bundle/check-bundle';
import { readBundle } from '@countersign/bundle/read-bundle';
import { ConfigError } from '@countersign/runtime/config';
import { readRegularBytes } from '@countersign/runtime/regular-file';
import { textOf } from '@countersign/runtime/text-file';
import { SshsigError } from '@countersign/sshsig/error';
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

/** A bundle as it was read and checked, and who signed it. */
export interface LoadedPolicy extends Omit<Bundle, 'statement'> {
  /** Names of operators; none where no signature is asked for. */
  readonly signedBy: readonly string[];
}

/** A bundle is read while signatures wait: it is no pipe, and not longer than what YAML is read of. */
const read = (file: string, where: string = file): Uint8Array =>
  readRegularBytes(file, where, { mostBytes: 1024 * 1024 });

const NAMES = { policy: 'POLICY_FILE', keys: 'KEYS_FILE' };

/** The files whose change may be another bundle. */
export function watchedFiles({ policy, keys, signed }: PolicyFiles): string[] {
  return [policy, keys, ...(signed === undefined ? [] : [signed.signatures])];
}

/** Reads and checks a bundle; one that needs signatures and lacks them is none. @throws ConfigError naming the variable, or the file, line and field. */
export function loadPolicy(files: PolicyFiles, now: Date): LoadedPolicy {
  const { statement, ...bundle } = checkBundle(readBundle(files, NAMES, read), now);
  return { ...bundle, signedBy: files.signed === undefined ? [] : signersOf(statement, files.signed) };
}

function signersOf(statement: string, { signatures: file, signers, needed }: SignedFiles): readonly string[] {
  const signatures = textOf(read(file, 'POLICY_SIGNATURES_FILE'), 'POLICY_SIGNATURES_FILE');
  try {
    return verifyBundle({ statement, signatures, signers, needed }).signedBy;
  } catch (error) {
    if (!(error instanceof SshsigError)) throw error;
    throw new ConfigError([{ where: 'POLICY_SIGNATURES_FILE', problem: error.message }]);
  }
}
