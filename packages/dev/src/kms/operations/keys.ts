import { limitOf, oneOf, optionalText, requiredText } from '../input.ts';
import { SIGNING_ALGORITHMS, USAGE_OF } from '../key-spec.ts';
import type { KeyStore } from '../key-store.ts';
import { KmsError } from '../kms-error.ts';
import { invalidState, type KmsKey, usableMaterial } from '../kms-key.ts';
import { page } from '../page.ts';
import type { Operation } from './operation.ts';

const USAGES = ['SIGN_VERIFY', 'ENCRYPT_DECRYPT', 'GENERATE_VERIFY_MAC', 'KEY_AGREEMENT'] as const;
const SPECS = ['ECC_NIST_EDWARDS25519', 'ECC_SECG_P256K1', 'ECC_NIST_P256', 'SYMMETRIC_DEFAULT'] as const;
const ORIGINS = ['AWS_KMS', 'EXTERNAL', 'AWS_CLOUDHSM', 'EXTERNAL_KEY_STORE'] as const;

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html */
export const createKey: Operation = ({ input, store }) => {
  const named = optionalText(input, 'KeySpec') ?? optionalText(input, 'CustomerMasterKeySpec') ?? 'SYMMETRIC_DEFAULT';
  const usage = oneOf(input, 'KeyUsage', USAGES) ?? 'ENCRYPT_DECRYPT';
  const origin = oneOf(input, 'Origin', ORIGINS) ?? 'AWS_KMS';
  const description = optionalText(input, 'Description') ?? '';
  const spec = SPECS.find((candidate) => candidate === named);
  if (spec === undefined) {
    throw new KmsError('UnsupportedOperationException', `This emulator does not create keys of spec ${named}.`);
  }
  if (usage !== USAGE_OF[spec]) {
    throw new KmsError('ValidationException', `KeyUsage ${usage} is not compatible with KeySpec ${spec}`);
  }
  if (
    origin === 'AWS_CLOUDHSM' ||
    origin === 'EXTERNAL_KEY_STORE' ||
    (origin === 'EXTERNAL' && spec === 'ECC_NIST_P256')
  ) {
    throw new KmsError('UnsupportedOperationException', `This emulator has no ${spec} keys of origin ${origin}.`);
  }
  return { KeyMetadata: metadataOf(store.create(spec, usage, description, origin), store) };
};

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html */
export const describeKey: Operation = ({ input, store }) => ({
  KeyMetadata: metadataOf(store.find(requiredText(input, 'KeyId')), store),
});

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html */
export const getPublicKey: Operation = ({ input, store }) => {
  const key = store.find(requiredText(input, 'KeyId'));
  const material = usableMaterial(key);
  if (material.kind === 'symmetric') {
    throw new KmsError('UnsupportedOperationException', `${key.arn} is not asymmetric.`);
  }
  return {
    KeyId: key.arn,
    PublicKey: Buffer.from(material.spki).toString('base64'),
    CustomerMasterKeySpec: key.spec,
    KeySpec: key.spec,
    KeyUsage: key.usage,
    ...algorithmsOf(key),
  };
};

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html */
export const listKeys: Operation = ({ input, store }) => {
  const { items, ...more } = page(store.keys(), input, limitOf(input, 100, 1000));
  return { Keys: items.map((key) => ({ KeyId: key.id, KeyArn: key.arn })), ...more };
};

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKey.html, API_DisableKey.html */
export const setEnabled =
  (enabled: boolean): Operation =>
  ({ input, store }) => {
    const key = store.findById(requiredText(input, 'KeyId'));
    if (key.state !== 'Enabled' && key.state !== 'Disabled') throw invalidState(key.arn, key.state);
    key.state = enabled ? 'Enabled' : 'Disabled';
    return undefined;
  };

function metadataOf(key: KmsKey, store: KeyStore): object {
  const { imported, material, deletionDate } = key;
  return {
    AWSAccountId: store.account,
    KeyId: key.id,
    Arn: key.arn,
    CreationDate: key.createdAt.getTime() / 1000,
    Enabled: key.state === 'Enabled',
    Description: key.description,
    KeyUsage: key.usage,
    KeyState: key.state,
    ...(deletionDate === undefined ? {} : { DeletionDate: deletionDate.getTime() / 1000 }),
    ...(imported === undefined || material === undefined ? {} : expirationOf(imported.validTo)),
    Origin: key.origin,
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: key.spec,
    KeySpec: key.spec,
    ...algorithmsOf(key),
    MultiRegion: false,
  };
}

function expirationOf(validTo: Date | undefined): object {
  if (validTo === undefined) return { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' };
  return { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: validTo.getTime() / 1000 };
}

function algorithmsOf(key: KmsKey): object {
  switch (key.usage) {
    case 'SIGN_VERIFY':
      return { SigningAlgorithms: SIGNING_ALGORITHMS[key.spec] };
    case 'KEY_AGREEMENT':
      return { KeyAgreementAlgorithms: ['ECDH'] };
    case 'ENCRYPT_DECRYPT':
      return { EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'] };
  }
}
