import { limitOf, oneOf, optionalText, requiredText } from '../input.ts';
import { type KeyStore, type KmsKey, SIGNING_ALGORITHMS } from '../key-store.ts';
import { KmsError } from '../kms-error.ts';
import { page } from '../page.ts';
import type { Operation } from './operation.ts';

const USAGES = ['SIGN_VERIFY', 'ENCRYPT_DECRYPT', 'GENERATE_VERIFY_MAC', 'KEY_AGREEMENT'] as const;
const SPECS = ['ECC_NIST_EDWARDS25519', 'ECC_SECG_P256K1', 'ECC_NIST_P256'] as const;

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html */
export const createKey: Operation = ({ input, store }) => {
  const named = optionalText(input, 'KeySpec') ?? optionalText(input, 'CustomerMasterKeySpec') ?? 'SYMMETRIC_DEFAULT';
  const usage = oneOf(input, 'KeyUsage', USAGES) ?? 'ENCRYPT_DECRYPT';
  const description = optionalText(input, 'Description') ?? '';
  const spec = SPECS.find((candidate) => candidate === named);
  if (spec === undefined) {
    throw new KmsError('UnsupportedOperationException', `This emulator does not create keys of spec ${named}.`);
  }
  if (usage !== (spec === 'ECC_NIST_P256' ? 'KEY_AGREEMENT' : 'SIGN_VERIFY')) {
    throw new KmsError('ValidationException', `KeyUsage ${usage} is not compatible with KeySpec ${spec}`);
  }
  return { KeyMetadata: metadataOf(store.create(spec, description), store) };
};

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html */
export const describeKey: Operation = ({ input, store }) => ({
  KeyMetadata: metadataOf(store.find(requiredText(input, 'KeyId')), store),
});

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html */
export const getPublicKey: Operation = ({ input, store }) => {
  const key = store.find(requiredText(input, 'KeyId'));
  if (!key.enabled) throw new KmsError('DisabledException', `${key.arn} is disabled.`);
  return {
    KeyId: key.arn,
    PublicKey: Buffer.from(key.spki).toString('base64'),
    CustomerMasterKeySpec: key.spec,
    KeySpec: key.spec,
    KeyUsage: key.usage,
    ...algorithmsOf(key),
  };
};

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html */
export const listKeys: Operation = ({ input, store }) => {
  const { items, ...more } = page([...store.keys.values()], input, limitOf(input, 100, 1000));
  return { Keys: items.map((key) => ({ KeyId: key.id, KeyArn: key.arn })), ...more };
};

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKey.html, API_DisableKey.html */
export const setEnabled =
  (enabled: boolean): Operation =>
  ({ input, store }) => {
    store.find(requiredText(input, 'KeyId')).enabled = enabled;
    return undefined;
  };

function metadataOf(key: KmsKey, store: KeyStore): object {
  return {
    AWSAccountId: store.account,
    KeyId: key.id,
    Arn: key.arn,
    CreationDate: key.createdAt.getTime() / 1000,
    Enabled: key.enabled,
    Description: key.description,
    KeyUsage: key.usage,
    KeyState: key.enabled ? 'Enabled' : 'Disabled',
    Origin: key.origin,
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: key.spec,
    KeySpec: key.spec,
    ...algorithmsOf(key),
    MultiRegion: false,
  };
}

function algorithmsOf(key: KmsKey): object {
  return key.usage === 'KEY_AGREEMENT'
    ? { KeyAgreementAlgorithms: ['ECDH'] }
    : { SigningAlgorithms: SIGNING_ALGORITHMS[key.spec] };
}
