import { constants, createDecipheriv, generateKeyPairSync, type KeyObject, privateDecrypt } from 'node:crypto';
import { KmsError } from './kms-error.ts';

export const WRAPPING_ALGORITHMS = ['RSA_AES_KEY_WRAP_SHA_256', 'RSAES_OAEP_SHA_256'] as const;
export type WrappingAlgorithm = (typeof WRAPPING_ALGORITHMS)[number];

const MODULUS_BITS = { RSA_2048: 2048, RSA_3072: 3072, RSA_4096: 4096 } as const;

/** RFC 5649: AES key wrap with padding, and its initial value. */
const KEY_WRAP = 'id-aes256-wrap-pad';
const KEY_WRAP_IV = Buffer.from('a65959a6', 'hex');

export interface WrappingKey {
  readonly privateKey: KeyObject;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Buffer;
}

export function createWrappingKey(spec: keyof typeof MODULUS_BITS): WrappingKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: MODULUS_BITS[spec] });
  return { privateKey, spki: publicKey.export({ format: 'der', type: 'spki' }) };
}

/**
 * RSAES_OAEP_SHA_256: the material itself. RSA_AES_KEY_WRAP_SHA_256: an AES-256 key by OAEP, then the material by that key.
 * https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-encrypt-key-material.html
 * @throws KmsError `InvalidCiphertextException`
 */
export function unwrap(
  { algorithm, privateKey }: { readonly algorithm: WrappingAlgorithm; readonly privateKey: KeyObject },
  encrypted: Uint8Array,
): Uint8Array {
  try {
    const oaep = { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
    if (algorithm === 'RSAES_OAEP_SHA_256') return privateDecrypt(oaep, encrypted);
    const modulusBytes = (privateKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
    const key = privateDecrypt(oaep, encrypted.subarray(0, modulusBytes));
    const unwrapping = createDecipheriv(KEY_WRAP, key, KEY_WRAP_IV);
    return Buffer.concat([unwrapping.update(encrypted.subarray(modulusBytes)), unwrapping.final()]);
  } catch {
    throw new KmsError('InvalidCiphertextException', 'The encrypted key material cannot be decrypted.');
  }
}
