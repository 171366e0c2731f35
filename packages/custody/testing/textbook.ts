import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { expect } from '@jest/globals';
import type { Algorithm } from '../src/backend.ts';

/** Verified by OpenSSL over the preimage; for secp256k1 also S low, and the public key recovered from v. */
export function expectVerified(
  algorithm: Algorithm,
  publicKey: Uint8Array,
  preimage: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): void {
  if (algorithm === 'ed25519') {
    const key = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url') },
      format: 'jwk',
    });
    expect(signature).toHaveLength(64);
    expect(verify(null, message, key, signature)).toBe(true);
    return;
  }
  const [r, s, v] = [number(signature.subarray(0, 32)), number(signature.subarray(32, 64)), signature[64] ?? 9];
  expect(signature).toHaveLength(65);
  expect(s <= ORDER / 2n).toBe(true);
  const [x, y] = recover(number(message), r, s, v);
  expect(Buffer.from(publicKey.subarray(1))).toEqual(bytes32(x));
  expect(publicKey[0]).toBe(2 + Number(y & 1n));
  const key = createPublicKey({
    key: { kty: 'EC', crv: 'secp256k1', x: bytes32(x).toString('base64url'), y: bytes32(y).toString('base64url') },
    format: 'jwk',
  });
  expect(verify('sha256', preimage, { key, dsaEncoding: 'ieee-p1363' }, signature.subarray(0, 64))).toBe(true);
}

/** The key as Countersign pins it, read by OpenSSL: 32 bytes, or 33 compressed. */
export function pinned(key: KeyObject): Buffer {
  const { x = '', y } = key.export({ format: 'jwk' });
  const abscissa = Buffer.from(x, 'base64url');
  if (y === undefined) return abscissa;
  return Buffer.concat([Buffer.of(2 + ((Buffer.from(y, 'base64url').at(-1) ?? 0) & 1)), abscissa]);
}

/** Whether S of an ECDSA signature in DER is in the upper half of the order. */
export function isHighS(der: Uint8Array): boolean {
  const lengthOfR = der[3] ?? 0;
  return number(der.subarray(6 + lengthOfR)) > ORDER / 2n;
}

/** The same signature with S in the upper half of the order. */
export function withHighS(der: Uint8Array): Uint8Array {
  const r = der.subarray(4, 4 + (der[3] ?? 0));
  const s = number(der.subarray(6 + r.length));
  const high = unsigned(s > ORDER / 2n ? s : ORDER - s);
  return Buffer.concat([Buffer.of(0x30, 4 + r.length + high.length, 2, r.length), r, Buffer.of(2, high.length), high]);
}

/** An INTEGER of DER that is no negative one: as many bytes as are needed, and a zero where the first has its highest bit. */
function unsigned(value: bigint): Buffer {
  const bytes = bytes32(value);
  const rest = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
  return (rest[0] ?? 0) < 0x80 ? rest : Buffer.concat([Buffer.of(0), rest]);
}

// Public key recovery as SEC 1, 4.1.6 writes it, in affine coordinates: slow, and nothing of it is shared with the code.
const FIELD = 2n ** 256n - 2n ** 32n - 977n;
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const BASE: Point = [
  0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n,
  0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8n,
];
type Point = readonly [x: bigint, y: bigint];

function recover(digest: bigint, r: bigint, s: bigint, v: number): Point {
  const root = power(r ** 3n + 7n, (FIELD + 1n) / 4n, FIELD);
  const nonce: Point = [r, Number(root & 1n) === v ? root : FIELD - root];
  const perR = inverse(r, ORDER);
  return add(times(mod(s * perR, ORDER), nonce), times(mod(-digest * perR, ORDER), BASE));
}

function add([x1, y1]: Point, [x2, y2]: Point): Point {
  const [rise, run] = x1 === x2 ? [3n * x1 * x1, 2n * y1] : [y2 - y1, x2 - x1];
  const slope = mod(rise * inverse(run, FIELD), FIELD);
  const x = mod(slope * slope - x1 - x2, FIELD);
  return [x, mod(slope * (x1 - x) - y1, FIELD)];
}

function times(scalar: bigint, point: Point): Point {
  let sum: Point | undefined;
  for (let rest = scalar, doubled = point; rest > 0n; rest >>= 1n, doubled = add(doubled, doubled)) {
    if (rest & 1n) sum = sum === undefined ? doubled : add(sum, doubled);
  }
  return sum ?? [0n, 0n];
}

/** By Euclid. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [left, right, x, y] = [mod(value, modulus), modulus, 1n, 0n];
  while (left > 1n) {
    const quotient = right / left;
    [left, right, x, y] = [right - quotient * left, left, y - quotient * x, x];
  }
  return mod(x, modulus);
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let rest = exponent, square = mod(base, modulus); rest > 0n; rest >>= 1n, square = (square * square) % modulus) {
    if (rest & 1n) result = (result * square) % modulus;
  }
  return result;
}

const mod = (value: bigint, modulus: bigint) => ((value % modulus) + modulus) % modulus;
const number = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
const bytes32 = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
