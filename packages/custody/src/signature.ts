import type { Algorithm } from './backend.ts';
import type { SignatureChecker } from './checker.ts';
import { ed25519Checker } from './ed25519.ts';
import { assertMessage } from './message.ts';
import { assertPublicKey } from './public-key.ts';
import { secp256k1Checker } from './secp256k1.ts';

/** By the array that a key is in, for as long as somebody has that: the key as it was then, whatever is written over it. */
const prepared: Readonly<Record<Algorithm, WeakMap<Uint8Array, SignatureChecker>>> = {
  ed25519: new WeakMap(),
  secp256k1: new WeakMap(),
};

/**
 * The gate every signature leaves through: nothing that fails here is a signature.
 *
 * - ed25519: 64 bytes that verify (RFC 8032), returned as they are.
 * - secp256k1: canonical DER (SEC 1, C.5; BIP 66), S brought into the lower half of the order (EIP-2), verified, and
 *   the parity of the nonce point found in the same step: 65 bytes r‖s‖v with v 0 or 1.
 *
 * @param publicKey the pinned key: 32 bytes, or 33 compressed; in the same array each time, it is prepared once
 * @param message exactly the 32 bytes that were signed
 * @param raw the backend's bytes
 * @throws CustodyError `SIGNATURE_INVALID`; `REFUSED` for a message of another length; `MISCONFIGURED` for a bad key
 */
export function checkedSignature(
  algorithm: Algorithm,
  publicKey: Uint8Array,
  message: Uint8Array,
  raw: Uint8Array,
): Uint8Array {
  assertMessage(message);
  return prepareChecker(algorithm, publicKey)(message, raw);
}

/** What a key needs to be verified quickly, made once: a KeyObject, or a table of multiples of the point. */
export function prepareChecker(algorithm: Algorithm, publicKey: Uint8Array): SignatureChecker {
  const known = prepared[algorithm].get(publicKey);
  if (known !== undefined) return known;
  assertPublicKey(algorithm, publicKey);
  const checker = algorithm === 'ed25519' ? ed25519Checker(publicKey) : secp256k1Checker(publicKey);
  prepared[algorithm].set(publicKey, checker);
  return checker;
}
