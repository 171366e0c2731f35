import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { KmsError } from './kms-error.ts';

// version ‖ key id ‖ IV ‖ tag ‖ ciphertext. KMS says nothing of its own form, but that it names the key.
const VERSION = 1;
const ID_BYTES = 16;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + ID_BYTES + IV_BYTES + TAG_BYTES;

export type Context = Readonly<Record<string, string>>;

/** AES-256-GCM; the encryption context is bound as additional data, in whatever order it comes. */
export function seal(keyId: string, key: Uint8Array, plaintext: Uint8Array, context: Context): Buffer {
  const iv = randomBytes(IV_BYTES);
  const head = Buffer.concat([Buffer.of(VERSION), Buffer.from(keyId.replaceAll('-', ''), 'hex'), iv]);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(additional(head, context));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([head, cipher.getAuthTag(), ciphertext]);
}

/** @throws KmsError `InvalidCiphertextException`: changed, or of another context */
export function open(key: Uint8Array, sealed: Uint8Array, context: Context): Buffer {
  try {
    const head = sealed.subarray(0, 1 + ID_BYTES + IV_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', key, head.subarray(1 + ID_BYTES))
      .setAAD(additional(head, context))
      .setAuthTag(sealed.subarray(head.length, HEAD_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES)), decipher.final()]);
  } catch {
    throw new KmsError('InvalidCiphertextException', 'The ciphertext is not of this key and context.');
  }
}

/** The key that a ciphertext names. @throws KmsError `InvalidCiphertextException` */
export function keyIdOf(sealed: Uint8Array): string {
  if (sealed.length < HEAD_BYTES || sealed[0] !== VERSION) {
    throw new KmsError('InvalidCiphertextException', 'The ciphertext is not one of KMS.');
  }
  const hex = Buffer.from(sealed.subarray(1, 1 + ID_BYTES)).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function additional(head: Uint8Array, context: Context): Buffer {
  const sorted = Object.entries(context).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.concat([head, Buffer.from(JSON.stringify(sorted))]);
}
