import { type Input, isTrue, oneOf, requiredBlob, requiredOneOf, requiredText } from '../input.ts';
import type { MessageType, SigningMaterial } from '../key-material.ts';
import { SIGNING_ALGORITHMS } from '../key-spec.ts';
import type { KeyStore } from '../key-store.ts';
import { dryRun, KmsError } from '../kms-error.ts';
import { type KmsKey, usableMaterial } from '../kms-key.ts';
import { tampered } from '../tamper.ts';
import type { Operation } from './operation.ts';

const MESSAGE_BYTES = 4096;
const SIGNATURE_BYTES = 6144;

const ALGORITHMS = [
  'RSASSA_PSS_SHA_256',
  'RSASSA_PSS_SHA_384',
  'RSASSA_PSS_SHA_512',
  'RSASSA_PKCS1_V1_5_SHA_256',
  'RSASSA_PKCS1_V1_5_SHA_384',
  'RSASSA_PKCS1_V1_5_SHA_512',
  'ECDSA_SHA_256',
  'ECDSA_SHA_384',
  'ECDSA_SHA_512',
  'SM2DSA',
  'ML_DSA_SHAKE_256',
  'ED25519_SHA_512',
  'ED25519_PH_SHA_512',
] as const;

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html */
export const sign: Operation = ({ input, store, tampering }) => {
  const { key, signing, algorithm, message, messageType } = signingRequest('Sign', input, store);
  const signature = signing.sign(message, messageType);
  return {
    KeyId: key.arn,
    Signature: Buffer.from(tampered(tampering, key, message, messageType, signature)).toString('base64'),
    SigningAlgorithm: algorithm,
  };
};

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html */
export const verify: Operation = ({ input, store }) => {
  const signature = requiredBlob(input, 'Signature', SIGNATURE_BYTES);
  const { key, signing, algorithm, message, messageType } = signingRequest('Verify', input, store);
  if (!signing.verify(message, messageType, signature)) {
    throw new KmsError('KMSInvalidSignatureException', 'The signature is invalid.');
  }
  return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm: algorithm };
};

interface SigningRequest {
  readonly key: KmsKey;
  readonly signing: SigningMaterial;
  readonly algorithm: (typeof ALGORITHMS)[number];
  readonly message: Uint8Array;
  readonly messageType: MessageType;
}

/** The members first, then the key's state, then whether they fit each other: as KMS checks. */
function signingRequest(operation: 'Sign' | 'Verify', input: Input, store: KeyStore): SigningRequest {
  const reference = requiredText(input, 'KeyId');
  const message = requiredBlob(input, 'Message', MESSAGE_BYTES);
  const algorithm = requiredOneOf(input, 'SigningAlgorithm', ALGORITHMS);
  const messageType = oneOf(input, 'MessageType', ['RAW', 'DIGEST', 'EXTERNAL_MU']) ?? 'RAW';
  const isDryRun = isTrue(input, 'DryRun');
  const key = store.find(reference);
  const signing = usableMaterial(key);
  if (signing.kind !== 'signing') {
    throw new KmsError(
      'InvalidKeyUsageException',
      `${key.arn} key usage is ${key.usage} which is not valid for ${operation}.`,
    );
  }
  if (!SIGNING_ALGORITHMS[key.spec].includes(algorithm)) {
    throw new KmsError('InvalidKeyUsageException', `Algorithm ${algorithm} is incompatible with key spec ${key.spec}.`);
  }
  if (messageType === 'EXTERNAL_MU') {
    throw new KmsError('ValidationException', `Message type ${messageType} is incompatible with key spec ${key.spec}.`);
  }
  assertMessageType(algorithm, messageType, message.length);
  if (isDryRun) throw dryRun();
  return { key, signing, algorithm, message, messageType };
}

function assertMessageType(algorithm: string, messageType: MessageType, bytes: number): void {
  const only = algorithm === 'ED25519_SHA_512' ? 'RAW' : algorithm === 'ED25519_PH_SHA_512' ? 'DIGEST' : messageType;
  if (messageType !== only) {
    throw new KmsError(
      'ValidationException',
      `Message type ${messageType} is incompatible with algorithm ${algorithm}.`,
    );
  }
  const digestBytes = algorithm === 'ED25519_PH_SHA_512' ? 64 : 32;
  if (messageType === 'DIGEST' && bytes !== digestBytes) {
    throw new KmsError('ValidationException', `Digest is invalid length for algorithm ${algorithm}.`);
  }
  if (algorithm === 'ED25519_PH_SHA_512') {
    throw new KmsError('UnsupportedOperationException', `This emulator does not sign with ${algorithm}.`);
  }
}
