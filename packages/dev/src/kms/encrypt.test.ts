import {
  CreateKeyCommand,
  DecryptCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GetPublicKeyCommand,
  KMSClient,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Kms, startKms } from './start-kms.ts';

let kms: Kms;
let operator: KMSClient;
let KeyId: string;
beforeAll(async () => {
  kms = await startKms({ keys: [{ alias: 'alias/evm', algorithm: 'secp256k1' }] });
  operator = new KMSClient({
    endpoint: kms.url,
    region: kms.region,
    credentials: kms.credentials.operator,
    maxAttempts: 1,
  });
  KeyId = await newKey();
});
afterAll(async () => {
  operator.destroy();
  await kms.close();
});

async function newKey(): Promise<string> {
  return (await operator.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
}

const named = (name: string) => expect.objectContaining({ name });
const SECRET = Buffer.from('a secret of somebody');
const CONTEXT = { tenant: 'a', purpose: 'b' };
const encrypt = async (EncryptionContext: Record<string, string> = CONTEXT) =>
  (await operator.send(new EncryptCommand({ KeyId, Plaintext: SECRET, EncryptionContext }))).CiphertextBlob ??
  new Uint8Array();
const decrypt = (CiphertextBlob: Uint8Array, EncryptionContext: Record<string, string> = CONTEXT, key?: string) =>
  operator.send(new DecryptCommand({ CiphertextBlob, EncryptionContext, KeyId: key }));

test('what is encrypted differs each time, and is decrypted without naming the key', async () => {
  const [one, other] = [await encrypt(), await encrypt()];
  expect(Buffer.from(one)).not.toEqual(Buffer.from(other));
  const { Plaintext, ...about } = await decrypt(one);
  expect(Buffer.from(Plaintext ?? [])).toEqual(SECRET);
  expect(about).toMatchObject({ KeyId, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' });
});

test('the context is bound, in whatever order it comes', async () => {
  const sealed = await encrypt();
  expect((await decrypt(sealed, { purpose: 'b', tenant: 'a' })).KeyId).toBe(KeyId);
  for (const context of [{}, { tenant: 'a' }, { tenant: 'b', purpose: 'a' }, { ...CONTEXT, more: '' }]) {
    await expect(decrypt(sealed, context)).rejects.toEqual(named('InvalidCiphertextException'));
  }
});

test('each changed byte is noticed', async () => {
  const sealed = await encrypt();
  for (let at = 0; at < sealed.length; at++) {
    const changed = Uint8Array.from(sealed, (byte, i) => (i === at ? byte ^ 1 : byte));
    await expect(decrypt(changed)).rejects.toEqual(named('InvalidCiphertextException'));
  }
  await expect(decrypt(sealed.subarray(0, 20))).rejects.toEqual(named('InvalidCiphertextException'));
});

test('another key than the one of the ciphertext is refused by its name', async () => {
  await expect(decrypt(await encrypt(), CONTEXT, await newKey())).rejects.toEqual(named('IncorrectKeyException'));
});

test.each([
  [{ KeySpec: 'AES_256' }, 32],
  [{ KeySpec: 'AES_128' }, 16],
  [{ NumberOfBytes: 1024 }, 1024],
] as const)('a data key of %j comes with its ciphertext, or alone as one', async (asked, length) => {
  const { Plaintext, CiphertextBlob = new Uint8Array() } = await operator.send(
    new GenerateDataKeyCommand({ KeyId, ...asked }),
  );
  expect(Plaintext).toHaveLength(length);
  expect((await decrypt(CiphertextBlob, {})).Plaintext).toEqual(Plaintext);
  const without = await operator.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId, ...asked }));
  expect(without).not.toHaveProperty('Plaintext');
  expect((await decrypt(without.CiphertextBlob ?? new Uint8Array(), {})).Plaintext).toHaveLength(length);
});

test.each<[string, () => Promise<unknown>, string]>([
  ['a data key of no length', () => operator.send(new GenerateDataKeyCommand({ KeyId })), 'ValidationException'],
  [
    'a data key of two lengths',
    () => operator.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', NumberOfBytes: 32 })),
    'ValidationException',
  ],
  [
    'a plaintext of 4,097 bytes',
    () => operator.send(new EncryptCommand({ KeyId, Plaintext: new Uint8Array(4097) })),
    'ValidationException',
  ],
  [
    'a key that signs',
    () => operator.send(new EncryptCommand({ KeyId: 'alias/evm', Plaintext: SECRET })),
    'InvalidKeyUsageException',
  ],
  [
    'the public key of a symmetric one',
    () => operator.send(new GetPublicKeyCommand({ KeyId })),
    'UnsupportedOperationException',
  ],
  [
    'DryRun of Encrypt',
    () => operator.send(new EncryptCommand({ KeyId, Plaintext: SECRET, DryRun: true })),
    'DryRunOperationException',
  ],
  [
    'DryRun of GenerateDataKey',
    () => operator.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', DryRun: true })),
    'DryRunOperationException',
  ],
  [
    'DryRun of Decrypt',
    async () => operator.send(new DecryptCommand({ CiphertextBlob: await encrypt({}), DryRun: true })),
    'DryRunOperationException',
  ],
])('%s is refused', async (_, ask, name) => {
  await expect(ask()).rejects.toEqual(named(name));
});

test('a key that is disabled decrypts nothing', async () => {
  const sealed = await encrypt();
  await operator.send(new DisableKeyCommand({ KeyId }));
  await expect(decrypt(sealed)).rejects.toEqual(named('DisabledException'));
});

test('no plaintext and no ciphertext is on the record', () => {
  const text = JSON.stringify(kms.events());
  expect(text).toContain('GenerateDataKey');
  expect(text).not.toMatch(/plaintext"|ciphertextBlob|encryptedKeyMaterial/);
});
