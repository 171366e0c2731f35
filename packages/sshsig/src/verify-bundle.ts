import { SshsigError } from './error.ts';
import { POLICY_NAMESPACE } from './policy-bundle.ts';
import { readSigners } from './signers.ts';
import { dearmor, type SigningKey, verifySshsig } from './sshsig.ts';

/** What is known of a bundle: its statement, and the texts of the files that stand beside it. */
export interface SignedBundle {
  /** As `bundleStatement` writes it. */
  readonly statement: string;
  /** POLICY_SIGNATURES_FILE: armored signatures, one after the other. */
  readonly signatures: string;
  /** POLICY_SIGNERS_FILE: a public key a line, and whose it is. */
  readonly signers: string;
  /** POLICY_SIGNATURES_NEEDED: of how many signers, 1 or more. */
  readonly needed: number;
}

export interface BundleSignatures {
  /** Names, in the order of the signers. */
  readonly signedBy: readonly string[];
  /** Those who did not sign. */
  readonly missing: readonly string[];
  /** A sentence for every signature that counts nothing: nobody's, of something else, or the second of one key. */
  readonly ignored: readonly string[];
}

/**
 * Verifies that enough of the signers signed a bundle. Signatures of others, and of other bundles, count nothing and do no harm.
 *
 * @throws SshsigError INVALID_SIGNERS, SIGNATURES_MISSING (saying who signed and who did not); TOO_LARGE, MALFORMED and
 * NOT_CANONICAL for signatures that cannot be told from one another.
 */
export function verifyBundle(bundle: SignedBundle): BundleSignatures {
  const found = bundleSignatures(bundle);
  const { signedBy, missing, ignored } = found;
  const { needed } = bundle;
  const listed = signedBy.length + missing.length;
  if (!Number.isSafeInteger(needed) || needed < 1 || needed > listed) {
    throw new SshsigError('INVALID_SIGNERS', `signers: expected 1–${listed} signatures to be needed, got ${needed}`);
  }
  if (signedBy.length < needed) {
    const who = [`signed by ${signedBy.join(', ') || 'nobody'}`, `not by ${missing.join(', ')}`, ...ignored].join('; ');
    throw new SshsigError('SIGNATURES_MISSING', `signatures: expected ${needed}, got ${signedBy.length}: ${who}`);
  }
  return found;
}

function bundleSignatures({ statement, signatures, signers }: SignedBundle): BundleSignatures {
  const names = readSigners(signers);
  const signed = new Set<string>();
  const ignored: string[] = [];
  for (const [index, blob] of dearmor(signatures).entries()) {
    const key = keyOf(blob, statement);
    const name = key instanceof SshsigError ? undefined : names.get(key.fingerprint);
    if (key instanceof SshsigError) ignored.push(`signature ${index + 1}: ${key.message}`);
    else if (name === undefined) ignored.push(`signature ${index + 1}: ${key.fingerprint} is not a signer`);
    else if (signed.has(name)) ignored.push(`signature ${index + 1}: ${name} signed before`);
    else signed.add(name);
  }
  const all = [...names.values()];
  return {
    signedBy: all.filter((name) => signed.has(name)),
    missing: all.filter((name) => !signed.has(name)),
    ignored,
  };
}

function keyOf(blob: Uint8Array, message: string): SigningKey | SshsigError {
  try {
    return verifySshsig(blob, { namespace: POLICY_NAMESPACE, message });
  } catch (error) {
    if (error instanceof SshsigError) return error;
    throw error;
  }
}
