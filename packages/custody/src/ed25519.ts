import { verify } from 'node:crypto';
import type { SignatureChecker } from './checker.ts';
import { CustodyError } from './error.ts';
import { ed25519KeyObject } from './public-key.ts';

const SIGNATURE_BYTES = 64;

/** Verification by OpenSSL: S below the group order, R compared byte by byte, no cofactor (as Stellar verifies). */
export function ed25519Checker(publicKey: Uint8Array): SignatureChecker {
  const key = ed25519KeyObject(publicKey);
  return (message, raw) => {
    if (raw.length !== SIGNATURE_BYTES) {
      throw new CustodyError(
        'SIGNATURE_INVALID',
        `ed25519 signature: expected ${SIGNATURE_BYTES} bytes, got ${raw.length}`,
      );
    }
    // A copy first: what was verified is what is returned, whoever else holds the backend's buffer.
    const signature = new Uint8Array(raw);
    if (!verify(null, message, key, signature)) {
      throw new CustodyError('SIGNATURE_INVALID', 'ed25519 signature: does not verify under the pinned public key');
    }
    return signature;
  };
}
