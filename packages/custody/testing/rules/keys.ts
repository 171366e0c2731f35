import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  GetPublicKeyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { createKey, KEY_SPECS, type KmsUnderTest } from '../kms-under-test.ts';
import { API, GUIDE, keyOf, outcome, type Rule, sign } from './rule.ts';

const KEY_AGREEMENT = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' } as const;
const UNKNOWN_KEY = '00000000-0000-4000-8000-000000000000';

/** Which key is meant, what it is, and what its state and usage allow. */
export const KEY_RULES: readonly Rule[] = [
  {
    title: 'Sign with a key id that is no key',
    aws: 'NotFoundException',
    page: `${API}/API_Sign.html`,
    needs: ['secp256k1'],
    ask: (kms) => outcome(sign(kms, 'secp256k1', { KeyId: UNKNOWN_KEY })),
  },
  {
    title: 'DescribeKey of an alias that does not exist',
    aws: 'NotFoundException',
    page: `${API}/API_DescribeKey.html`,
    needs: [],
    ask: (kms) => outcome(kms.signer.send(new DescribeKeyCommand({ KeyId: 'alias/nobody' }))),
  },
  {
    title: 'a key named by its id, its ARN, an alias, an alias ARN',
    aws: 'one key',
    page: `${API}/API_Sign.html`,
    needs: ['secp256k1'],
    ask: async (kms) => {
      const { KeyId, Arn = '' } = await describe(kms, keyOf(kms, 'secp256k1'));
      await kms.operator.send(new CreateAliasCommand({ AliasName: 'alias/again', TargetKeyId: KeyId }));
      const aliasArn = `${Arn.slice(0, Arn.lastIndexOf(':'))}:alias/again`;
      const named = await Promise.all(
        [KeyId, Arn, 'alias/again', aliasArn].map((name) => sign(kms, 'secp256k1', { KeyId: name })),
      );
      return named.every((answer) => answer.KeyId === Arn) ? 'one key' : named.map((answer) => answer.KeyId).join(', ');
    },
  },
  {
    title: 'the description of a secp256k1 key',
    aws: 'ECC_SECG_P256K1, SIGN_VERIFY, Enabled, ECDSA_SHA_256',
    page: `${GUIDE}/symm-asymm-choose-key-spec.html`,
    needs: ['secp256k1'],
    ask: async (kms) => descriptionOf(await describe(kms, keyOf(kms, 'secp256k1'))),
  },
  {
    title: 'the description of an Ed25519 key',
    aws: 'ECC_NIST_EDWARDS25519, SIGN_VERIFY, Enabled, ED25519_PH_SHA_512 ED25519_SHA_512',
    page: `${GUIDE}/symm-asymm-choose-key-spec.html`,
    needs: ['ed25519'],
    ask: async (kms) => descriptionOf(await describe(kms, keyOf(kms, 'ed25519'))),
  },
  {
    title: 'Sign with a key that is disabled',
    aws: 'DisabledException',
    page: `${GUIDE}/key-state.html`,
    needs: ['secp256k1'],
    ask: async (kms) => {
      const KeyId = await createKey(kms.operator, KEY_SPECS.secp256k1, 'SIGN_VERIFY');
      await kms.operator.send(new DisableKeyCommand({ KeyId }));
      return outcome(sign(kms, 'secp256k1', { KeyId }));
    },
  },
  {
    title: 'Sign with a key that waits for its deletion',
    aws: 'KMSInvalidStateException',
    page: `${GUIDE}/key-state.html`,
    needs: ['secp256k1'],
    ask: async (kms) => {
      const KeyId = await createKey(kms.operator, KEY_SPECS.secp256k1, 'SIGN_VERIFY');
      const deleted = await outcome(
        kms.operator.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 })),
      );
      return deleted === 'an answer' ? outcome(sign(kms, 'secp256k1', { KeyId })) : `no deletion: ${deleted}`;
    },
  },
  {
    title: 'Sign with a key for key agreement',
    aws: 'InvalidKeyUsageException',
    page: `${API}/API_Sign.html`,
    needs: ['secp256k1'],
    ask: async (kms) => {
      const created = await outcome(kms.operator.send(new CreateKeyCommand(KEY_AGREEMENT)));
      if (created !== 'an answer') return `no such key: ${created}`;
      const KeyId = await createKey(kms.operator, KEY_AGREEMENT.KeySpec, KEY_AGREEMENT.KeyUsage);
      return outcome(sign(kms, 'secp256k1', { KeyId }));
    },
  },
  {
    title: 'CreateKey of ECC_NIST_P256 for SIGN_VERIFY',
    aws: 'an answer',
    page: `${API}/API_CreateKey.html`,
    needs: [],
    ask: (kms) => outcome(createKey(kms.operator, 'ECC_NIST_P256', 'SIGN_VERIFY')),
  },
  {
    title: 'GetPublicKey of a secp256k1 key: the length of its SubjectPublicKeyInfo',
    aws: '88 bytes',
    page: `${API}/API_GetPublicKey.html`,
    needs: ['secp256k1'],
    ask: async (kms) => {
      const { PublicKey } = await kms.signer.send(new GetPublicKeyCommand({ KeyId: keyOf(kms, 'secp256k1') }));
      return `${PublicKey?.length} bytes`;
    },
  },
];

async function describe(kms: KmsUnderTest, KeyId: string) {
  const { KeyMetadata } = await kms.signer.send(new DescribeKeyCommand({ KeyId }));
  if (KeyMetadata === undefined) throw new Error(`DescribeKey ${KeyId}: no metadata`);
  return KeyMetadata;
}

function descriptionOf(key: Awaited<ReturnType<typeof describe>>): string {
  const algorithms = [...(key.SigningAlgorithms ?? [])].sort().join(' ');
  return [key.KeySpec, key.KeyUsage, key.KeyState, algorithms].join(', ');
}
