import type { Algorithm } from './backend.ts';
import type { SignatureChecker } from './checker.ts';
import { ed25519Checker } from './ed25519.ts';
import { assertMessage } from './message.ts';
import { assertPublicKey } from './public-key.ts';
import { secp256k1Checker } from './secp256k1.ts';

/** A signer has a handful of keys; the bound only keeps a caller with many from growing this for ever. */
const MOST_CHECKERS = 64;
const checkers = new Map<string, SignatureChecker>();

/**
 * The gate every signature leaves through: nothing that fails here is a signature.
 *
 * - ed25519: 64 bytes that verify (RFC 8032), returned as they are.
 * - secp256k1: canonical DER (SEC 1, C.5; BIP 66), S brought into the lower half of the order (EIP-2), verified, and
 *   the parity of the nonce point found in the same step: 65 bytes r‖s‖v with v 0 or 1.
 *
 * @param publicKey the pinned key: 32 bytes, or 33 compressed
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
  const name = `${algorithm}:${Buffer.from(publicKey).toString('hex')}`;
  const known = checkers.get(name);
  if (known !== undefined) return known;
  assertPublicKey(algorithm, publicKey);
  const checker = algorithm === 'ed25519' ? ed25519Checker(publicKey) : secp256k1Checker(publicKey);
  if (checkers.size >= MOST_CHECKERS) checkers.clear();
  checkers.set(name, checker);
  return checker;
}
