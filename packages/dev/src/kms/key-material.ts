import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import type { KeySpec } from './key-spec.ts';

/** Ed25519 takes RAW alone; ECDSA over a DIGEST takes 32 bytes as they are. */
export type MessageType = 'RAW' | 'DIGEST';

export interface SigningMaterial {
  readonly kind: 'signing';
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** ed25519: 64 bytes; secp256k1: DER, S in the upper half of the order about every second time. */
  sign(message: Uint8Array, type: MessageType): Uint8Array;
  verify(message: Uint8Array, type: MessageType, signature: Uint8Array): boolean;
}

/** A key that agrees and does not sign. */
export interface AgreementMaterial {
  readonly kind: 'agreement';
  readonly spki: Uint8Array;
}

export interface SymmetricMaterial {
  readonly kind: 'symmetric';
  /** AES-256. */
  readonly key: Uint8Array;
}

export type Material = SigningMaterial | AgreementMaterial | SymmetricMaterial;

/** KMS's own material for a new key. */
export function newMaterial(spec: KeySpec): Material {
  switch (spec) {
    case 'ECC_NIST_EDWARDS25519':
      return ed25519Material();
    case 'ECC_SECG_P256K1':
      return secp256k1Material();
    case 'ECC_NIST_P256':
      return { kind: 'agreement', spki: p256PublicKey() };
    case 'SYMMETRIC_DEFAULT':
      return { kind: 'symmetric', key: randomBytes(32) };
  }
}

export interface Imported<Kind extends Material = Material> {
  readonly material: Kind;
  /** Tells two private halves apart, and nothing else of them. */
  readonly digest: string;
}

/** @param secret 32 bytes: a seed, a scalar or an AES key */
export function importedMaterial(spec: SigningSpec, secret: Uint8Array): Imported<SigningMaterial>;
export function importedMaterial(spec: SigningSpec | 'SYMMETRIC_DEFAULT', secret: Uint8Array): Imported;
export function importedMaterial(spec: SigningSpec | 'SYMMETRIC_DEFAULT', secret: Uint8Array): Imported {
  const digest = createHash('sha256').update(spec).update(secret).digest('hex');
  switch (spec) {
    case 'ECC_NIST_EDWARDS25519':
      return { digest, material: ed25519Material(secret) };
    case 'ECC_SECG_P256K1':
      return { digest, material: secp256k1Material(secret) };
    case 'SYMMETRIC_DEFAULT':
      return { digest, material: { kind: 'symmetric', key: secret } };
  }
}

type SigningSpec = 'ECC_NIST_EDWARDS25519' | 'ECC_SECG_P256K1';

const { Point } = secp256k1;
// A wider table of multiples of G, made at the first signature: a fifth less time for each one.
Point.BASE.precompute(8);

const ED25519_PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SECP256K1_SPKI = Buffer.from('3056301006072a8648ce3d020106052b8104000a034200', 'hex');

/** @param seed 32 bytes; random ones by default */
export function ed25519Material(seed: Uint8Array = randomBytes(32)): SigningMaterial {
  const privateKey = createPrivateKey({
    key: Buffer.concat([ED25519_PKCS8, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const publicKey = createPublicKey(privateKey);
  return {
    kind: 'signing',
    spki: publicKey.export({ format: 'der', type: 'spki' }),
    sign: (message) => sign(null, message, privateKey),
    verify: (message, _type, signature) => verify(null, message, publicKey, signature),
  };
}

/** @param secret 32 bytes, a number from 1 to the order less one; a random one by default */
export function secp256k1Material(secret: Uint8Array = secp256k1.utils.randomSecretKey()): SigningMaterial {
  const publicKey = secp256k1.getPublicKey(secret, false);
  const scalar = Point.Fn.fromBytes(secret);
  const digestOf = (message: Uint8Array, type: MessageType): Uint8Array =>
    type === 'DIGEST' ? message : createHash('sha256').update(message).digest();
  return {
    kind: 'signing',
    spki: Buffer.concat([SECP256K1_SPKI, publicKey]),
    sign: (message, type) => signDigest(digestOf(message, type), scalar),
    verify: (message, type, signature) => {
      try {
        const options = { prehash: false, lowS: false, format: 'der' } as const;
        return secp256k1.verify(signature, digestOf(message, type), publicKey, options);
      } catch {
        return false;
      }
    },
  };
}

/**
 * ECDSA (SEC 1, 4.1.3) with a random nonce, so that each signature differs and S is high every second time, as with KMS.
 * OpenSSL through node:crypto has no ECDSA over a digest that is made already, and the library's own signer takes three
 * times as long, because it hides its timing: these keys protect nothing.
 */
function signDigest(digest: Uint8Array, secret: bigint): Uint8Array {
  const scalars = Point.Fn;
  const nonce = scalars.fromBytes(secp256k1.utils.randomSecretKey());
  const r = scalars.create(Point.BASE.multiplyUnsafe(nonce).toAffine().x);
  const z = scalars.create(BigInt(`0x${Buffer.from(digest).toString('hex')}`));
  const s = scalars.mul(scalars.inv(nonce), scalars.add(z, scalars.mul(r, secret)));
  return new secp256k1.Signature(r, s).toBytes('der');
}

/** A P-256 key for key agreement: it can be described, and everything that signs refuses it. */
function p256PublicKey(): Uint8Array {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'der', type: 'spki' });
}
