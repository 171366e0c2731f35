import { randomBytes } from 'node:crypto';
import { isTrue, oneOf, optionalInteger, optionalText, optionalTexts, requiredBlob, requiredText } from '../input.ts';
import type { SymmetricMaterial } from '../key-material.ts';
import { dryRun, KmsError } from '../kms-error.ts';
import { type KmsKey, usableMaterial } from '../kms-key.ts';
import { keyIdOf, open, seal } from '../sealed.ts';
import type { Call, Operation } from './operation.ts';

const PLAINTEXT_BYTES = 4096;
const CIPHERTEXT_BYTES = 6144;
const DATA_KEY_BYTES = { AES_128: 16, AES_256: 32 } as const;

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html */
export const encrypt: Operation = (call) => {
  const plaintext = requiredBlob(call.input, 'Plaintext', PLAINTEXT_BYTES);
  const { key, sealed } = sealWith(call, 'Encrypt', () => plaintext);
  return { CiphertextBlob: sealed, KeyId: key.arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
};

/** The ciphertext names its key. https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html */
export const decrypt: Operation = ({ input, store }) => {
  const ciphertext = requiredBlob(input, 'CiphertextBlob', CIPHERTEXT_BYTES);
  const context = optionalTexts(input, 'EncryptionContext');
  const named = optionalText(input, 'KeyId');
  const key = store.lookUp(keyIdOf(ciphertext));
  if (named !== undefined && store.find(named) !== key) {
    throw new KmsError(
      'IncorrectKeyException',
      'The key ID in the request does not identify the key of the ciphertext.',
    );
  }
  if (key === undefined) throw new KmsError('InvalidCiphertextException', 'The ciphertext is of no key here.');
  const plaintext = open(symmetric(key, 'Decrypt').key, ciphertext, context);
  if (isTrue(input, 'DryRun')) throw dryRun();
  return { KeyId: key.arn, Plaintext: plaintext.toString('base64'), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
};

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html, API_GenerateDataKeyWithoutPlaintext.html */
export const generateDataKey =
  (shown: boolean): Operation =>
  (call) => {
    const length = dataKeyLength(call);
    const name = shown ? 'GenerateDataKey' : 'GenerateDataKeyWithoutPlaintext';
    const { key, sealed, plaintext } = sealWith(call, name, () => randomBytes(length));
    const Plaintext = Buffer.from(plaintext).toString('base64');
    return { CiphertextBlob: sealed, KeyId: key.arn, ...(shown ? { Plaintext } : {}) };
  };

function sealWith({ input, store }: Call, operation: string, plaintextOf: () => Uint8Array) {
  const context = optionalTexts(input, 'EncryptionContext');
  const key = store.find(requiredText(input, 'KeyId'));
  const material = symmetric(key, operation);
  if (isTrue(input, 'DryRun')) throw dryRun();
  const plaintext = plaintextOf();
  return { key, plaintext, sealed: seal(key.id, material.key, plaintext, context).toString('base64') };
}

function dataKeyLength({ input }: Call): number {
  const spec = oneOf(input, 'KeySpec', ['AES_128', 'AES_256']);
  const bytes = optionalInteger(input, 'NumberOfBytes', 1, 1024);
  if ((spec === undefined) === (bytes === undefined)) {
    throw new KmsError('ValidationException', 'Please specify either number of bytes or key spec.');
  }
  return bytes ?? DATA_KEY_BYTES[spec ?? 'AES_256'];
}

function symmetric(key: KmsKey, operation: string): SymmetricMaterial {
  const material = usableMaterial(key);
  if (material.kind === 'symmetric') return material;
  throw new KmsError(
    'InvalidKeyUsageException',
    `${key.arn} key usage is ${key.usage} which is not valid for ${operation}.`,
  );
}
