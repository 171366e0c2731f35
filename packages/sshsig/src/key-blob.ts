import { createHash } from 'node:crypto';
import type { SshAlgorithm, Verifier } from './algorithm.ts';
import { readEcdsaKey } from './ecdsa.ts';
import { readEd25519Key } from './ed25519.ts';
import { quote, SshsigError } from './error.ts';
import { WireReader } from './wire.ts';

interface KeyBlob {
  readonly algorithm: SshAlgorithm;
  readonly verifier: Verifier;
}

/**
 * Reads a public key as SSH encodes it (RFC 4253, section 6.6): one of the four algorithms, and nothing after it.
 * @throws SshsigError MALFORMED, NOT_CANONICAL, UNSUPPORTED_ALGORITHM, INVALID_KEY
 */
export function readKeyBlob(blob: Uint8Array): KeyBlob {
  const reader = new WireReader('public key', blob);
  const algorithm = checkAlgorithm(reader.name('algorithm'));
  const verifier = algorithm === 'ssh-ed25519' ? readEd25519Key(reader) : readEcdsaKey(algorithm, reader);
  reader.end();
  return { algorithm, verifier };
}

/** @throws SshsigError UNSUPPORTED_ALGORITHM */
export function checkAlgorithm(name: string): SshAlgorithm {
  switch (name) {
    case 'ssh-ed25519':
    case 'ecdsa-sha2-nistp256':
    case 'ecdsa-sha2-nistp384':
    case 'ecdsa-sha2-nistp521':
      return name;
    default: {
      const expected = 'ssh-ed25519 or ecdsa-sha2-nistp256, -nistp384 or -nistp521';
      throw new SshsigError('UNSUPPORTED_ALGORITHM', `public key: expected ${expected}, got ${quote(name)}`);
    }
  }
}

/** `SHA256:` and the hash of the encoded key in base64 without padding, as `ssh-keygen -l` shows it. */
export function fingerprintOf(blob: Uint8Array): `SHA256:${string}` {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}
