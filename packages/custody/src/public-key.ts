import { createPublicKey, type KeyObject } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import type { Algorithm } from './backend.ts';
import { CustodyError } from './error.ts';

/** What stands before the key in a SubjectPublicKeyInfo (RFC 5280), per algorithm: RFC 8410 and RFC 5480. */
const SPKI_PREFIX: Readonly<Record<Algorithm, Buffer>> = {
  ed25519: Buffer.from('302a300506032b6570032100', 'hex'),
  secp256k1: Buffer.from('3056301006072a8648ce3d020106052b8104000a034200', 'hex'),
};

/** Bytes of the key as this package holds it. */
const PUBLIC_KEY_BYTES: Readonly<Record<Algorithm, number>> = { ed25519: 32, secp256k1: 33 };

/** Bytes of the key inside a SubjectPublicKeyInfo: secp256k1 stands there uncompressed. */
const SPKI_KEY_BYTES: Readonly<Record<Algorithm, number>> = { ed25519: 32, secp256k1: 65 };

/**
 * Checks that the bytes are a usable public key: the right length, canonical, on the curve, and for Ed25519 in the
 * group of prime order (a small-order key verifies signatures that nobody made).
 * @throws CustodyError `MISCONFIGURED`
 */
export function assertPublicKey(algorithm: Algorithm, publicKey: Uint8Array): void {
  const expected = PUBLIC_KEY_BYTES[algorithm];
  if (publicKey.length !== expected) {
    throw new CustodyError(
      'MISCONFIGURED',
      `${algorithm} public key: expected ${expected} bytes, got ${publicKey.length}`,
    );
  }
  if (!isOnCurve(algorithm, publicKey)) {
    throw new CustodyError(
      'MISCONFIGURED',
      `${algorithm} public key: expected a point of the curve, got another value`,
    );
  }
}

function isOnCurve(algorithm: Algorithm, publicKey: Uint8Array): boolean {
  try {
    if (algorithm === 'secp256k1') {
      secp256k1.Point.fromBytes(publicKey);
      return true;
    }
    const point = ed25519.Point.fromBytes(publicKey);
    return point.isTorsionFree() && !point.isSmallOrder();
  } catch {
    return false;
  }
}

/**
 * Reads the SubjectPublicKeyInfo that AWS KMS GetPublicKey answers with; any other encoding of the same key is refused.
 * @returns ed25519: 32 bytes; secp256k1: 33 bytes, compressed
 * @throws CustodyError `MISCONFIGURED`
 */
export function publicKeyFromSpki(algorithm: Algorithm, spki: Uint8Array): Uint8Array {
  const prefix = SPKI_PREFIX[algorithm];
  const expected = prefix.length + SPKI_KEY_BYTES[algorithm];
  if (spki.length !== expected || !prefix.equals(spki.subarray(0, prefix.length))) {
    throw new CustodyError(
      'MISCONFIGURED',
      `public key: expected the ${expected} bytes of ${algorithm} SubjectPublicKeyInfo, got ${spki.length} other bytes`,
    );
  }
  const key = new Uint8Array(spki.subarray(prefix.length));
  if (algorithm === 'ed25519') {
    assertPublicKey(algorithm, key);
    return key;
  }
  return compressed(key);
}

/**
 * A point of secp256k1 in either form (SEC 1, 2.3.3), compressed.
 * @throws CustodyError `MISCONFIGURED`
 */
export function compressed(point: Uint8Array): Uint8Array {
  try {
    return secp256k1.Point.fromBytes(point).toBytes(true);
  } catch (cause) {
    throw new CustodyError('MISCONFIGURED', 'secp256k1 public key: expected a point of the curve, got another value', {
      cause,
    });
  }
}

/** The key as node:crypto takes it. Ed25519 alone: OpenSSL offers no secp256k1 over a digest that is already made. */
export function ed25519KeyObject(publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX.ed25519, publicKey]), format: 'der', type: 'spki' });
}
