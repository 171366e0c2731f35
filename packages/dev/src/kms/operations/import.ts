import { oneOf, optionalTime, requiredBlob, requiredOneOf, requiredText } from '../input.ts';
import { importedMaterial } from '../key-material.ts';
import { KmsError } from '../kms-error.ts';
import { dropMaterial, invalidState, type KmsKey } from '../kms-key.ts';
import { secretOf } from '../private-key.ts';
import { createWrappingKey, unwrap, WRAPPING_ALGORITHMS } from '../wrapping.ts';
import type { Call, Operation } from './operation.ts';

const WRAPPING_SPECS = ['RSA_2048', 'RSA_3072', 'RSA_4096'] as const;
const PARAMETERS_LAST_MS = 86_400_000;
const MATERIAL_LASTS_MS = 365 * 86_400_000;

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GetParametersForImport.html */
export const getParametersForImport: Operation = ({ input, store, imports }) => {
  const key = externalKey(store.findById(requiredText(input, 'KeyId')));
  const algorithm = requiredOneOf(input, 'WrappingAlgorithm', WRAPPING_ALGORITHMS);
  const spec = requiredOneOf(input, 'WrappingKeySpec', WRAPPING_SPECS);
  if (key.state === 'PendingDeletion') throw invalidState(key.arn, key.state);
  if (key.spec === 'SYMMETRIC_DEFAULT' && algorithm === 'RSA_AES_KEY_WRAP_SHA_256') {
    throw new KmsError(
      'ValidationException',
      `Wrapping algorithm ${algorithm} is incompatible with key spec ${key.spec}.`,
    );
  }
  const validTo = new Date(store.now().getTime() + PARAMETERS_LAST_MS);
  const wrapping = createWrappingKey(spec);
  const token = imports.issue({ key, algorithm, privateKey: wrapping.privateKey, validTo });
  return {
    KeyId: key.arn,
    ImportToken: token.toString('base64'),
    PublicKey: wrapping.spki.toString('base64'),
    ParametersValidTo: validTo.getTime() / 1000,
  };
};

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html */
export const importKeyMaterial: Operation = (call) => {
  const { input, store, imports } = call;
  const key = externalKey(store.findById(requiredText(input, 'KeyId')));
  const token = requiredBlob(input, 'ImportToken', 6144);
  const encrypted = requiredBlob(input, 'EncryptedKeyMaterial', 6144);
  const validTo = expirationIn(call);
  if (key.state === 'PendingDeletion') throw invalidState(key.arn, key.state);
  const issued = imports.find(token);
  if (issued === undefined || issued.key !== key) {
    throw new KmsError('InvalidImportTokenException', 'The import token is not one for this key.');
  }
  if (issued.validTo <= store.now()) throw new KmsError('ExpiredImportTokenException', 'The import token has expired.');
  const { material, digest } = importedMaterial(specOf(key), secretOf(specOf(key), unwrap(issued, encrypted)));
  if (key.imported !== undefined && key.imported.digest !== digest) {
    throw new KmsError('IncorrectKeyMaterialException', 'The key material is not the one that was imported before.');
  }
  key.material = material;
  key.imported = { digest, validTo };
  if (key.state === 'PendingImport') key.state = 'Enabled';
  return { KeyId: key.arn };
};

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteImportedKeyMaterial.html */
export const deleteImportedKeyMaterial: Operation = ({ input, store }) => {
  const key = externalKey(store.findById(requiredText(input, 'KeyId')));
  if (key.state === 'PendingDeletion') throw invalidState(key.arn, key.state);
  dropMaterial(key);
  return { KeyId: key.arn };
};

function externalKey(key: KmsKey): KmsKey {
  if (key.origin === 'EXTERNAL') return key;
  throw new KmsError(
    'UnsupportedOperationException',
    `${key.arn} origin is ${key.origin} which is not valid for this operation.`,
  );
}

/** CreateKey makes no external key of another spec. */
function specOf({ arn, spec }: KmsKey) {
  if (spec !== 'ECC_NIST_P256') return spec;
  throw new KmsError('UnsupportedOperationException', `${arn} key spec is ${spec} which is not valid for import.`);
}

function expirationIn({ input, store }: Call): Date | undefined {
  const model = oneOf(input, 'ExpirationModel', ['KEY_MATERIAL_EXPIRES', 'KEY_MATERIAL_DOES_NOT_EXPIRE']);
  const validTo = optionalTime(input, 'ValidTo');
  if (model === 'KEY_MATERIAL_DOES_NOT_EXPIRE') {
    if (validTo === undefined) return undefined;
    throw new KmsError(
      'ValidationException',
      'A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE.',
    );
  }
  const from = store.now().getTime();
  if (validTo === undefined || validTo.getTime() <= from || validTo.getTime() > from + MATERIAL_LASTS_MS) {
    throw new KmsError(
      'ValidationException',
      'A validTo date within the next 365 days must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES.',
    );
  }
  return validTo;
}
