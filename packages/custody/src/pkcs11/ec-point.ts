import type { Algorithm } from '../backend.ts';
import { assertPublicKey, compressed } from '../public-key.ts';

const OCTET_STRING = 0x04;

/** Lengths of the point itself: Ed25519 as RFC 8032 writes it; secp256k1 uncompressed or compressed (SEC 1, 2.3.3). */
const POINT_BYTES: Readonly<Record<Algorithm, readonly number[]>> = { ed25519: [32], secp256k1: [65, 33] };

/**
 * The public key that CKA_EC_POINT holds. PKCS#11 v3.1 (sections 6.3.3 and 6.3.5) wants a DER OCTET STRING around a point
 * of secp256k1 and none around one of Ed25519; tokens do either.
 * @returns ed25519: 32 bytes; secp256k1: 33 bytes, compressed
 * @throws CustodyError `MISCONFIGURED`
 */
export function publicKeyFromPoint(algorithm: Algorithm, value: Uint8Array): Uint8Array {
  const [tag, length] = value;
  const inside = value.subarray(2);
  const isWrapped = tag === OCTET_STRING && length === inside.length && POINT_BYTES[algorithm].includes(inside.length);
  const point = new Uint8Array(isWrapped ? inside : value);
  if (algorithm === 'secp256k1') return compressed(point);
  assertPublicKey(algorithm, point);
  return point;
}
