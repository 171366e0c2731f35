import {
  constants,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DecryptCommand,
  DeleteImportedKeyMaterialCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  GetParametersForImportCommand,
  GetPublicKeyCommand,
  ImportKeyMaterialCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
  SignCommand,
} from '@aws-sdk/client-kms';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { importKey, importMaterial } from '../../testing/import-key.ts';
import { type Kms, startKms } from './start-kms.ts';

const DAY_MS = 86_400_000;
// RFC 8032, 7.1, test 1.
const SEED = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
const PUBLIC = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';

let kms: Kms;
let operator: KMSClient;
beforeAll(async () => {
  kms = await startKms();
  operator = new KMSClient({
    endpoint: kms.url,
    region: kms.region,
    credentials: kms.credentials.operator,
    maxAttempts: 1,
  });
});
afterEach(() => kms.faults.clear());
afterAll(async () => {
  operator.destroy();
  await kms.close();
});

const named = (name: string) => expect.objectContaining({ name });

async function externalKey(input: Partial<CreateKeyCommandInput> = {}): Promise<string> {
  const { KeyMetadata } = await operator.send(
    new CreateKeyCommand({ KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY', Origin: 'EXTERNAL', ...input }),
  );
  return KeyMetadata?.KeyId ?? '';
}

async function stateOf(KeyId: string) {
  return (await operator.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata;
}

const sign = (KeyId: string) =>
  operator.send(new SignCommand({ KeyId, Message: SEED, SigningAlgorithm: 'ED25519_SHA_512', MessageType: 'RAW' }));
const pkcs8 = (key: KeyObject) => key.export({ format: 'der', type: 'pkcs8' });
const edwards = () => pkcs8(generateKeyPairSync('ed25519').privateKey);
const secp256k1 = () => pkcs8(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey);

describe('a key of external origin', () => {
  test('waits for its material, then signs with it', async () => {
    const KeyId = await externalKey();
    expect(await stateOf(KeyId)).toMatchObject({ KeyState: 'PendingImport', Enabled: false, Origin: 'EXTERNAL' });
    for (const command of [
      () => operator.send(new GetPublicKeyCommand({ KeyId })),
      () => sign(KeyId),
      () => operator.send(new EnableKeyCommand({ KeyId })),
    ]) {
      await expect(command()).rejects.toEqual(named('KMSInvalidStateException'));
    }
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    await importMaterial(operator, KeyId, pkcs8(privateKey));
    expect(await stateOf(KeyId)).toMatchObject({
      KeyState: 'Enabled',
      ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
      SigningAlgorithms: ['ED25519_SHA_512', 'ED25519_PH_SHA_512'],
    });
    const { PublicKey } = await operator.send(new GetPublicKeyCommand({ KeyId }));
    expect(Buffer.from(PublicKey ?? [])).toEqual(publicKey.export({ format: 'der', type: 'spki' }));
  });

  test.each([
    ['ed25519', 'ECC_NIST_EDWARDS25519', SEED, PUBLIC],
    [
      'secp256k1',
      'ECC_SECG_P256K1',
      Buffer.from(`${'0'.repeat(63)}1`, 'hex'),
      '79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798',
    ],
  ] as const)(
    'importKey: the 32 bytes of a %s key are that key in KMS',
    async (algorithm, KeySpec, secret, publicKey) => {
      const access = { endpoint: kms.url, region: kms.region, ...kms.credentials.operator };
      const KeyId = await importKey(access, algorithm, secret);
      const { PublicKey = new Uint8Array(), ...described } = await operator.send(new GetPublicKeyCommand({ KeyId }));
      expect(described).toMatchObject({ KeySpec });
      expect(Buffer.from(PublicKey).toString('hex')).toContain(publicKey);
    },
  );

  test('takes the same material again, and no other, also after it was deleted', async () => {
    const KeyId = await externalKey();
    const material = edwards();
    await importMaterial(operator, KeyId, material);
    await importMaterial(operator, KeyId, material);
    await expect(importMaterial(operator, KeyId, edwards())).rejects.toEqual(named('IncorrectKeyMaterialException'));
    await operator.send(new DeleteImportedKeyMaterialCommand({ KeyId }));
    expect(await stateOf(KeyId)).toMatchObject({ KeyState: 'PendingImport' });
    await expect(importMaterial(operator, KeyId, edwards())).rejects.toEqual(named('IncorrectKeyMaterialException'));
    await importMaterial(operator, KeyId, material);
    expect(await stateOf(KeyId)).toMatchObject({ KeyState: 'Enabled' });
  });

  test('loses material that has expired', async () => {
    const KeyId = await externalKey();
    const ValidTo = new Date(Date.now() + DAY_MS);
    await importMaterial(operator, KeyId, edwards(), () => ({ ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo }));
    expect(await stateOf(KeyId)).toMatchObject({ KeyState: 'Enabled', ExpirationModel: 'KEY_MATERIAL_EXPIRES' });
    kms.faults.set({ clockOffsetMs: DAY_MS + 1000 });
    const later = skewed(DAY_MS + 1000);
    expect((await later.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata).toMatchObject({
      KeyState: 'PendingImport',
    });
    later.destroy();
  });

  type Change = Parameters<typeof importMaterial>[3];
  const tomorrow = () => new Date(Date.now() + DAY_MS);
  test.each<[string, Change, string]>([
    [
      'a changed ciphertext',
      (encrypted) => ({ EncryptedKeyMaterial: Uint8Array.from(encrypted).with(-1, (encrypted.at(-1) ?? 0) ^ 1) }),
      'InvalidCiphertextException',
    ],
    ['another token', () => ({ ImportToken: randomBytes(32) }), 'InvalidImportTokenException'],
    ['an end that is missing', () => ({ ExpirationModel: undefined }), 'ValidationException'],
    ['an end that must not be there', () => ({ ValidTo: tomorrow() }), 'ValidationException'],
    [
      'an end in two years',
      () => ({ ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: new Date(Date.now() + 730 * DAY_MS) }),
      'ValidationException',
    ],
    [
      'an end in the past',
      () => ({ ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: new Date(1) }),
      'ValidationException',
    ],
  ])('%s is refused, and nothing is imported', async (_, change, name) => {
    const KeyId = await externalKey();
    await expect(importMaterial(operator, KeyId, edwards(), change)).rejects.toEqual(named(name));
    expect(await stateOf(KeyId)).toMatchObject({ KeyState: 'PendingImport' });
  });

  test.each([
    ['of another curve', secp256k1],
    ['that is a raw seed and no PKCS#8', () => SEED],
  ])('material %s is refused', async (_, material) => {
    const KeyId = await externalKey();
    await expect(importMaterial(operator, KeyId, material())).rejects.toEqual(named('IncorrectKeyMaterialException'));
    expect(await stateOf(KeyId)).toMatchObject({ KeyState: 'PendingImport' });
  });

  test('a token is for one key, and for a day', async () => {
    const [one, other] = [await externalKey(), await externalKey()];
    const { ImportToken } = await operator.send(
      new GetParametersForImportCommand({
        KeyId: one,
        WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
        WrappingKeySpec: 'RSA_3072',
      }),
    );
    const EncryptedKeyMaterial = randomBytes(384);
    const asked = { ImportToken, EncryptedKeyMaterial, ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' } as const;
    await expect(operator.send(new ImportKeyMaterialCommand({ KeyId: other, ...asked }))).rejects.toEqual(
      named('InvalidImportTokenException'),
    );
    kms.faults.set({ clockOffsetMs: DAY_MS + 1000 });
    const later = skewed(DAY_MS + 1000);
    await expect(later.send(new ImportKeyMaterialCommand({ KeyId: one, ...asked }))).rejects.toEqual(
      named('ExpiredImportTokenException'),
    );
    later.destroy();
  });

  test('a symmetric key takes 32 bytes by OAEP alone, and encrypts with them', async () => {
    const KeyId = await externalKey({ KeySpec: 'SYMMETRIC_DEFAULT', KeyUsage: 'ENCRYPT_DECRYPT' });
    const { ImportToken, PublicKey = new Uint8Array() } = await operator.send(
      new GetParametersForImportCommand({
        KeyId,
        WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
        WrappingKeySpec: 'RSA_2048',
      }),
    );
    const key = createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
    const by = { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
    const asked = { KeyId, ImportToken, ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' } as const;
    await expect(
      operator.send(
        new ImportKeyMaterialCommand({ ...asked, EncryptedKeyMaterial: publicEncrypt(by, randomBytes(31)) }),
      ),
    ).rejects.toEqual(named('IncorrectKeyMaterialException'));
    await operator.send(
      new ImportKeyMaterialCommand({ ...asked, EncryptedKeyMaterial: publicEncrypt(by, randomBytes(32)) }),
    );
    const { CiphertextBlob } = await operator.send(new EncryptCommand({ KeyId, Plaintext: SEED }));
    const { Plaintext } = await operator.send(new DecryptCommand({ CiphertextBlob }));
    expect(Buffer.from(Plaintext ?? [])).toEqual(SEED);
  });

  test('a key of KMS’s own takes no material', async () => {
    const KeyId = await externalKey({ Origin: 'AWS_KMS' });
    const asked = { KeyId, WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' } as const;
    for (const command of [
      () => operator.send(new GetParametersForImportCommand(asked)),
      () => operator.send(new DeleteImportedKeyMaterialCommand({ KeyId })),
    ]) {
      await expect(command()).rejects.toEqual(named('UnsupportedOperationException'));
    }
  });
});

/** The SDK signs by its own clock: one that is as far ahead as the emulator's. */
function skewed(offset: number): KMSClient {
  const { operator: credentials } = kms.credentials;
  return new KMSClient({
    endpoint: kms.url,
    region: kms.region,
    credentials,
    maxAttempts: 1,
    systemClockOffset: offset,
  });
}

describe('a key that is to be deleted', () => {
  test('waits, disabled for everything; it can be had back, disabled, and enabled again', async () => {
    const KeyId = await externalKey({ Origin: 'AWS_KMS' });
    const scheduled = await operator.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    expect(scheduled).toMatchObject({ KeyState: 'PendingDeletion', PendingWindowInDays: 7 });
    const { DeletionDate, ...described } = (await stateOf(KeyId)) ?? {};
    expect(described).toMatchObject({ KeyState: 'PendingDeletion', Enabled: false });
    expect(Math.round(((DeletionDate?.getTime() ?? 0) - Date.now()) / DAY_MS)).toBe(7);
    for (const command of [
      () => sign(KeyId),
      () => operator.send(new GetPublicKeyCommand({ KeyId })),
      () => operator.send(new EnableKeyCommand({ KeyId })),
      () => operator.send(new DisableKeyCommand({ KeyId })),
      () => operator.send(new ScheduleKeyDeletionCommand({ KeyId })),
      () => operator.send(new CreateAliasCommand({ AliasName: 'alias/late', TargetKeyId: KeyId })),
    ]) {
      await expect(command()).rejects.toEqual(named('KMSInvalidStateException'));
    }
    await operator.send(new CancelKeyDeletionCommand({ KeyId }));
    expect(await stateOf(KeyId)).toMatchObject({ KeyState: 'Disabled' });
    await operator.send(new EnableKeyCommand({ KeyId }));
    expect(await stateOf(KeyId)).toMatchObject({ KeyState: 'Enabled' });
    await expect(operator.send(new CancelKeyDeletionCommand({ KeyId }))).rejects.toEqual(
      named('KMSInvalidStateException'),
    );
  });

  test('is named by its id or its ARN, and by no alias', async () => {
    const KeyId = await externalKey({ Origin: 'AWS_KMS' });
    await operator.send(new CreateAliasCommand({ AliasName: 'alias/precious', TargetKeyId: KeyId }));
    await expect(operator.send(new ScheduleKeyDeletionCommand({ KeyId: 'alias/precious' }))).rejects.toEqual(
      named('NotFoundException'),
    );
    expect(await stateOf(KeyId)).toMatchObject({ KeyState: 'Enabled' });
  });

  test.each([6, 31])('in %d days is refused', async (PendingWindowInDays) => {
    const KeyId = await externalKey({ Origin: 'AWS_KMS' });
    await expect(operator.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays }))).rejects.toEqual(
      named('ValidationException'),
    );
  });

  test('is gone after its time, and its aliases with it', async () => {
    const KeyId = await externalKey({ Origin: 'AWS_KMS' });
    await operator.send(new CreateAliasCommand({ AliasName: 'alias/going', TargetKeyId: KeyId }));
    await operator.send(new ScheduleKeyDeletionCommand({ KeyId }));
    kms.faults.set({ clockOffsetMs: 30 * DAY_MS + 1000 });
    const later = skewed(30 * DAY_MS + 1000);
    for (const gone of [KeyId, 'alias/going']) {
      await expect(later.send(new DescribeKeyCommand({ KeyId: gone }))).rejects.toEqual(named('NotFoundException'));
    }
    later.destroy();
  });
});
