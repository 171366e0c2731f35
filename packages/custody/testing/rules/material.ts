import {
  CancelKeyDeletionCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GetPublicKeyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { importMaterial, pkcs8Of } from '@countersign/dev/import-key';
import { createKey, KEY_SPECS, type KmsUnderTest, SECRETS } from '../kms-under-test.ts';
import { API, GUIDE, outcome, type Rule, sign } from './rule.ts';

const IMPORT = `${API}/API_ImportKeyMaterial.html`;
const DECRYPT = `${API}/API_Decrypt.html`;
const CONTEXT = { tenant: 'a' };
const [PLAINTEXT, OTHER] = [Buffer.from('plaintext'), Buffer.alloc(32, 9)];
const { secret, public: publicKey } = SECRETS.secp256k1;
const material = () => pkcs8Of('secp256k1', Buffer.from(secret, 'hex'));

/** Where a key's material comes from and goes to, and what a symmetric key does. */
export const MATERIAL_RULES: readonly Rule[] = [
  {
    title: 'the state of a key whose deletion was canceled',
    aws: 'Disabled',
    page: `${API}/API_CancelKeyDeletion.html`,
    needs: ['secp256k1'],
    ask: async ({ operator }) => {
      const KeyId = await createKey(operator, KEY_SPECS.secp256k1, 'SIGN_VERIFY');
      await operator.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
      await operator.send(new CancelKeyDeletionCommand({ KeyId }));
      return String((await operator.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState);
    },
  },
  {
    title: 'Sign with a key that waits for its material',
    aws: 'KMSInvalidStateException',
    page: `${GUIDE}/key-state.html`,
    needs: ['secp256k1'],
    ask: (kms) => external(kms, (KeyId) => outcome(sign(kms, 'secp256k1', { KeyId }))),
  },
  {
    title: 'the public key of material that was imported by RSA_AES_KEY_WRAP_SHA_256',
    aws: 'its own',
    page: IMPORT,
    needs: ['secp256k1'],
    ask: (kms) =>
      external(kms, async (KeyId) => {
        await importMaterial(kms.operator, KeyId, material());
        const { PublicKey = new Uint8Array() } = await kms.operator.send(new GetPublicKeyCommand({ KeyId }));
        return Buffer.from(PublicKey).toString('hex').includes(publicKey.slice(2)) ? 'its own' : 'another';
      }),
  },
  {
    title: 'other material than the first, imported into one key',
    aws: 'IncorrectKeyMaterialException',
    page: IMPORT,
    needs: ['secp256k1'],
    ask: (kms) =>
      external(kms, async (KeyId) => {
        await importMaterial(kms.operator, KeyId, material());
        return outcome(importMaterial(kms.operator, KeyId, pkcs8Of('secp256k1', OTHER)));
      }),
  },
  {
    title: 'material of another curve',
    aws: 'IncorrectKeyMaterialException',
    page: IMPORT,
    needs: ['secp256k1'],
    ask: (kms) => external(kms, (KeyId) => outcome(importMaterial(kms.operator, KeyId, pkcs8Of('ed25519', OTHER)))),
  },
  {
    title: 'Decrypt with another encryption context',
    aws: 'InvalidCiphertextException',
    page: DECRYPT,
    needs: [],
    ask: async ({ operator }) => {
      const { CiphertextBlob } = await operator.send(
        new EncryptCommand({ KeyId: await symmetricKey(operator), Plaintext: PLAINTEXT, EncryptionContext: CONTEXT }),
      );
      return outcome(operator.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { tenant: 'b' } })));
    },
  },
  {
    title: 'Decrypt by another key than the one of the ciphertext',
    aws: 'IncorrectKeyException',
    page: DECRYPT,
    needs: [],
    ask: async ({ operator }) => {
      const [KeyId, other] = [await symmetricKey(operator), await symmetricKey(operator)];
      const { CiphertextBlob } = await operator.send(new EncryptCommand({ KeyId, Plaintext: PLAINTEXT }));
      return outcome(operator.send(new DecryptCommand({ CiphertextBlob, KeyId: other })));
    },
  },
  {
    title: 'a data key, and what its ciphertext decrypts to',
    aws: 'the same 32 bytes',
    page: `${API}/API_GenerateDataKey.html`,
    needs: [],
    ask: async ({ operator }) => {
      const KeyId = await symmetricKey(operator);
      const { CiphertextBlob, Plaintext: shown = new Uint8Array() } = await operator.send(
        new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }),
      );
      const { Plaintext = new Uint8Array() } = await operator.send(new DecryptCommand({ CiphertextBlob }));
      return `${Buffer.from(shown).equals(Plaintext) ? 'the same' : 'other'} ${shown.length} bytes`;
    },
  },
];

type Operator = KmsUnderTest['operator'];

async function symmetricKey(operator: Operator): Promise<string> {
  const { KeyMetadata } = await operator.send(new CreateKeyCommand({}));
  return KeyMetadata?.KeyId ?? '';
}

/** A new key that waits for its material, where this KMS has such keys. */
async function external({ operator }: KmsUnderTest, ask: (KeyId: string) => Promise<string>): Promise<string> {
  const asked = { KeySpec: KEY_SPECS.secp256k1, KeyUsage: 'SIGN_VERIFY', Origin: 'EXTERNAL' } as const;
  const creating = operator.send(new CreateKeyCommand(asked));
  const created = await outcome(creating);
  if (created !== 'an answer') return `no such key: ${created}`;
  const { KeyMetadata } = await creating;
  return KeyMetadata?.KeyState === 'PendingImport'
    ? ask(KeyMetadata.KeyId ?? '')
    : `no such key: ${KeyMetadata?.KeyState}`;
}
