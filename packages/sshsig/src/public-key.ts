import type { SshAlgorithm } from './algorithm.ts';
import { decodeBase64 } from './base64.ts';
import { SshsigError } from './error.ts';
import { checkAlgorithm, fingerprintOf, readKeyBlob } from './key-blob.ts';

/** A public key as OpenSSH writes it into a `.pub` file. */
export interface SshPublicKey {
  readonly algorithm: SshAlgorithm;
  /** The key as SSH encodes it; two keys are the same exactly when these bytes are. */
  readonly blob: Uint8Array;
  /** `SHA256:…`, of `blob`, as `ssh-keygen -l` shows it. */
  readonly fingerprint: `SHA256:${string}`;
  /** What stands behind the key: mostly whose it is. Empty when there is nothing. */
  readonly comment: string;
}

const MAX_LINE = 8192;
const MAX_BLOB = 512;
// No control characters, and nothing invisible, in a comment.
const LINE = /^([!-~]+) ([!-~]+)(?: (\P{C}*))?$/u;

/**
 * Reads one line of a `.pub` file, without its line end: algorithm, base64, comment, with one space between them. Options, as
 * in `authorized_keys`, are refused.
 * @throws SshsigError TOO_LARGE, MALFORMED, NOT_CANONICAL, UNSUPPORTED_ALGORITHM, INVALID_KEY
 */
export function parsePublicKey(line: string): SshPublicKey {
  if (line.length > MAX_LINE) throw new SshsigError('TOO_LARGE', `public key: expected at most ${MAX_LINE} characters`);
  const [, name, base64 = '', comment = ''] = LINE.exec(line) ?? [];
  if (name === undefined) {
    throw new SshsigError('MALFORMED', 'public key: expected `algorithm base64 comment` in one line');
  }
  const algorithm = checkAlgorithm(name);
  const blob = decodeBase64('public key', base64, MAX_BLOB);
  const encoded = readKeyBlob(blob);
  if (encoded.algorithm !== algorithm) {
    throw new SshsigError('MALFORMED', `public key: expected a key of ${algorithm}, got one of ${encoded.algorithm}`);
  }
  return { algorithm, blob, fingerprint: fingerprintOf(blob), comment };
}
