import { createHash, createPublicKey, generateKeyPairSync, randomBytes, verify } from 'node:crypto';
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  GetPublicKeyCommand,
  KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  paginateListKeys,
  SignCommand,
  type SignCommandInput,
  UpdateAliasCommand,
  VerifyCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { type Kms, type Role, startKms } from './start-kms.ts';

const ED25519_SEED = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'; // RFC 8032, 7.1, test 1
const ED25519_PUBLIC = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
const SECP256K1_SECRET = '0000000000000000000000000000000000000000000000000000000000000001';
const SECP256K1_PUBLIC = '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';

let kms: Kms;
let signer: KMSClient;
let operator: KMSClient;
beforeAll(async () => {
  kms = await startKms({
    keys: [
      { alias: 'alias/stellar', algorithm: 'ed25519', privateKey: ED25519_SEED },
      { alias: 'alias/evm', algorithm: 'secp256k1', privateKey: SECP256K1_SECRET },
    ],
  });
  signer = clientOf('signer');
  operator = clientOf('operator');
});
afterAll(async () => {
  signer.destroy();
  operator.destroy();
  await kms.close();
});

function clientOf(role: Role): KMSClient {
  return new KMSClient({ endpoint: kms.url, region: kms.region, credentials: kms.credentials[role], maxAttempts: 1 });
}

const named = (name: string) => expect.objectContaining({ name });

async function publicKeyOf(KeyId: string) {
  const { PublicKey = new Uint8Array() } = await signer.send(new GetPublicKeyCommand({ KeyId }));
  return createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
}

async function signed(input: Partial<SignCommandInput>): Promise<Uint8Array> {
  const command = new SignCommand({ KeyId: 'alias/evm', Message: undefined, SigningAlgorithm: undefined, ...input });
  const { Signature = new Uint8Array() } = await signer.send(command);
  return Signature;
}

describe('Sign', () => {
  test('Ed25519 over the raw message: 64 bytes that node:crypto verifies, the same every time', async () => {
    const Message = randomBytes(32);
    const input = { KeyId: 'alias/stellar', Message, SigningAlgorithm: 'ED25519_SHA_512' } as const;
    const signature = await signed({ ...input, MessageType: 'RAW' });
    expect(signature).toHaveLength(64);
    expect(verify(null, Message, await publicKeyOf('alias/stellar'), signature)).toBe(true);
    expect(await signed(input)).toEqual(signature);
  });

  test('secp256k1 over a digest and over the message are signatures of the same thing', async () => {
    const message = randomBytes(100);
    const digest = createHash('sha256').update(message).digest();
    const key = await publicKeyOf('alias/evm');
    for (const input of [
      { Message: message, MessageType: 'RAW' },
      { Message: digest, MessageType: 'DIGEST' },
    ] as const) {
      const signature = await signed({ ...input, SigningAlgorithm: 'ECDSA_SHA_256' });
      expect(verify('sha256', message, key, signature)).toBe(true);
    }
  });

  test('secp256k1 signatures differ each time, and S is high about every second time', async () => {
    const Message = randomBytes(32);
    const input = { Message, MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_256' } as const;
    const signatures = await Promise.all(Array.from({ length: 64 }, () => signed(input)));
    expect(new Set(signatures.map((signature) => Buffer.from(signature).toString('hex'))).size).toBe(64);
    const high = signatures.filter((signature) => secp256k1.Signature.fromBytes(signature, 'der').hasHighS());
    // Fewer than 8 or more than 56 of 64 happens once in 10^10 runs.
    expect(high.length).toBeGreaterThanOrEqual(8);
    expect(high.length).toBeLessThanOrEqual(56);
  });

  const wrong: [string, Partial<SignCommandInput>, string, RegExp][] = [
    ['a digest of 31 bytes', { Message: randomBytes(31) }, 'ValidationException', /Digest is invalid length/],
    ['a digest of 33 bytes', { Message: randomBytes(33) }, 'ValidationException', /Digest is invalid length/],
    [
      'an Ed25519 message as a digest',
      { KeyId: 'alias/stellar', SigningAlgorithm: 'ED25519_SHA_512' },
      'ValidationException',
      /Message type DIGEST is incompatible with algorithm ED25519_SHA_512/,
    ],
    [
      'the prehashed scheme with RAW',
      { KeyId: 'alias/stellar', SigningAlgorithm: 'ED25519_PH_SHA_512', MessageType: 'RAW' },
      'ValidationException',
      /Message type RAW is incompatible/,
    ],
    [
      'the prehashed scheme with a digest of 32 bytes',
      { KeyId: 'alias/stellar', SigningAlgorithm: 'ED25519_PH_SHA_512' },
      'ValidationException',
      /Digest is invalid length/,
    ],
    [
      'the prehashed scheme, not modelled',
      { KeyId: 'alias/stellar', SigningAlgorithm: 'ED25519_PH_SHA_512', Message: randomBytes(64) },
      'UnsupportedOperationException',
      /does not sign with/,
    ],
    [
      'ECDSA with an Ed25519 key',
      { KeyId: 'alias/stellar' },
      'InvalidKeyUsageException',
      /Algorithm ECDSA_SHA_256 is incompatible with key spec ECC_NIST_EDWARDS25519/,
    ],
    [
      'Ed25519 with a secp256k1 key',
      { SigningAlgorithm: 'ED25519_SHA_512', MessageType: 'RAW' },
      'InvalidKeyUsageException',
      /incompatible with key spec ECC_SECG_P256K1/,
    ],
    ['an external mu', { MessageType: 'EXTERNAL_MU' }, 'ValidationException', /Message type EXTERNAL_MU/],
    ['an empty message', { Message: new Uint8Array() }, 'ValidationException', /'message'.*greater than or equal to 1/],
    [
      'a message of 4097 bytes',
      { Message: randomBytes(4097), MessageType: 'RAW' },
      'ValidationException',
      /'message'.*less than or equal to 4096/,
    ],
    ['no message', { Message: undefined }, 'ValidationException', /Value null at 'message'/],
    ['no algorithm', { SigningAlgorithm: undefined }, 'ValidationException', /Value null at 'signingAlgorithm'/],
    ['no key', { KeyId: undefined }, 'ValidationException', /Value null at 'keyId'/],
    ['an empty key', { KeyId: '' }, 'ValidationException', /'keyId'.*greater than or equal to 1/],
    ['a long key', { KeyId: 'k'.repeat(2049) }, 'ValidationException', /'keyId'.*less than or equal to 2048/],
    [
      'an unknown key',
      { KeyId: '1234abcd-12ab-34cd-56ef-1234567890ab' },
      'NotFoundException',
      /^Key 'arn:aws:kms:us-east-1:111122223333:key\/1234abcd-12ab-34cd-56ef-1234567890ab' does not exist$/,
    ],
    [
      'an unknown alias',
      { KeyId: 'alias/nobody' },
      'NotFoundException',
      /^Alias arn:aws:kms:us-east-1:111122223333:alias\/nobody is not found\.$/,
    ],
    [
      'an ARN of another region',
      { KeyId: 'arn:aws:kms:eu-west-1:111122223333:alias/evm' },
      'NotFoundException',
      /Invalid arn/,
    ],
    ['a dry run', { DryRun: true }, 'DryRunOperationException', /would have succeeded/],
  ];
  test.each(wrong)('%s is refused as KMS does', async (_, input, name, message) => {
    const right = { Message: randomBytes(32), MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_256' } as const;
    await expect(signed({ ...right, ...input })).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message),
      $metadata: { httpStatusCode: 400, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
  });

  test('the longest message is signed', async () => {
    const Message = randomBytes(4096);
    const signature = await signed({ Message, MessageType: 'RAW', SigningAlgorithm: 'ECDSA_SHA_256' });
    expect(verify('sha256', Message, await publicKeyOf('alias/evm'), signature)).toBe(true);
  });
});

describe('Verify', () => {
  const right = { KeyId: 'alias/evm', MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_256' } as const;

  test('agrees with node:crypto, for both curves', async () => {
    const Message = randomBytes(32);
    const signatures = { evm: await signed({ ...right, Message }) };
    const answer = await signer.send(new VerifyCommand({ ...right, Message, Signature: signatures.evm }));
    expect(answer).toMatchObject({ SignatureValid: true, KeyId: kms.keys[1]?.arn, SigningAlgorithm: 'ECDSA_SHA_256' });
    const ed25519 = { KeyId: 'alias/stellar', SigningAlgorithm: 'ED25519_SHA_512', Message } as const;
    const Signature = await signed(ed25519);
    expect(await signer.send(new VerifyCommand({ ...ed25519, Signature }))).toMatchObject({ SignatureValid: true });
  });

  test('a signature of another message, or none at all, is invalid', async () => {
    const Signature = await signed({ ...right, Message: randomBytes(32) });
    for (const bytes of [Signature, Signature.subarray(0, -1), randomBytes(70)]) {
      const command = new VerifyCommand({ ...right, Message: randomBytes(32), Signature: bytes });
      await expect(signer.send(command)).rejects.toEqual(named('KMSInvalidSignatureException'));
    }
  });
});

describe('keys', () => {
  test('seeded keys have the public keys of their vectors, by every kind of reference', async () => {
    expect(kms.keys).toMatchObject([{ publicKey: ED25519_PUBLIC }, { publicKey: SECP256K1_PUBLIC }]);
    for (const { alias, arn, keyId } of kms.keys) {
      for (const KeyId of [alias, arn, keyId, `arn:aws:kms:us-east-1:111122223333:${alias}`]) {
        expect((await signer.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata).toMatchObject({
          Arn: arn,
          KeyId: keyId,
          KeyState: 'Enabled',
          KeyUsage: 'SIGN_VERIFY',
          Origin: 'EXTERNAL',
        });
      }
    }
  });

  test('the same seed has the same key id at every start', async () => {
    const twin = await startKms({ keys: [{ alias: 'alias/twin', algorithm: 'ed25519', privateKey: ED25519_SEED }] });
    expect(twin.keys[0]?.keyId).toBe(kms.keys[0]?.keyId);
    await twin.close();
  });

  test('two seeds under one alias do not start', async () => {
    const key = { alias: 'alias/twin', algorithm: 'ed25519' } as const;
    await expect(startKms({ keys: [key, key] })).rejects.toThrow('already exists');
  });

  test.each([
    ['ECC_NIST_EDWARDS25519', 'SIGN_VERIFY', ['ED25519_SHA_512', 'ED25519_PH_SHA_512'], 44],
    ['ECC_SECG_P256K1', 'SIGN_VERIFY', ['ECDSA_SHA_256'], 88],
    ['ECC_NIST_P256', 'KEY_AGREEMENT', undefined, 91],
  ] as const)('CreateKey %s for %s', async (KeySpec, KeyUsage, SigningAlgorithms, bytes) => {
    const { KeyMetadata } = await operator.send(new CreateKeyCommand({ KeySpec, KeyUsage, Description: 'new' }));
    expect(KeyMetadata).toMatchObject({ KeySpec, KeyUsage, Origin: 'AWS_KMS', Description: 'new', Enabled: true });
    expect(KeyMetadata?.CreationDate?.getTime()).toBeLessThanOrEqual(Date.now());
    const answer = await signer.send(new GetPublicKeyCommand({ KeyId: KeyMetadata?.KeyId }));
    expect(answer).toMatchObject({ KeyId: KeyMetadata?.Arn, KeySpec, KeyUsage });
    expect(answer.SigningAlgorithms).toEqual(SigningAlgorithms);
    expect(answer.PublicKey).toHaveLength(bytes);
  });

  test('a key for key agreement does not sign', async () => {
    const command = new CreateKeyCommand({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' });
    const { KeyMetadata } = await operator.send(command);
    const input = { KeyId: KeyMetadata?.KeyId, Message: randomBytes(32), SigningAlgorithm: 'ECDSA_SHA_256' } as const;
    await expect(signed(input)).rejects.toMatchObject({
      name: 'InvalidKeyUsageException',
      message: `${KeyMetadata?.Arn} key usage is KEY_AGREEMENT which is not valid for Sign.`,
    });
  });

  test.each([
    [{ Origin: 'EXTERNAL_KEY_STORE' }, 'UnsupportedOperationException'],
    [{ KeyUsage: 'SIGN_VERIFY' }, 'ValidationException'],
    [{ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' }, 'UnsupportedOperationException'],
    [{ KeySpec: 'ECC_SECG_P256K1' }, 'ValidationException'],
    [{ KeySpec: 'ECC_SECG_P256K1', KeyUsage: 'KEY_AGREEMENT' }, 'ValidationException'],
    [{ CustomerMasterKeySpec: 'ECC_SECG_P256K1', KeyUsage: 'ENCRYPT_DECRYPT' }, 'ValidationException'],
  ] as const)('CreateKey %j is refused', async (input, name) => {
    await expect(operator.send(new CreateKeyCommand(input))).rejects.toEqual(named(name));
  });

  test('a disabled key is described, and refuses to sign until it is enabled', async () => {
    const command = new CreateKeyCommand({ KeySpec: 'ECC_SECG_P256K1', KeyUsage: 'SIGN_VERIFY' });
    const { KeyMetadata } = await operator.send(command);
    const KeyId = KeyMetadata?.KeyId;
    const input = {
      KeyId,
      Message: randomBytes(32),
      MessageType: 'DIGEST',
      SigningAlgorithm: 'ECDSA_SHA_256',
    } as const;
    await operator.send(new DisableKeyCommand({ KeyId }));
    await expect(signed(input)).rejects.toEqual(named('DisabledException'));
    await expect(signer.send(new GetPublicKeyCommand({ KeyId }))).rejects.toEqual(named('DisabledException'));
    const described = await signer.send(new DescribeKeyCommand({ KeyId }));
    expect(described.KeyMetadata).toMatchObject({ KeyState: 'Disabled', Enabled: false });
    await operator.send(new EnableKeyCommand({ KeyId }));
    expect(await signed(input)).toBeInstanceOf(Uint8Array);
  });

  test('ListKeys gives every key once, in pages', async () => {
    await Promise.all(
      Array.from({ length: 5 }, () =>
        operator.send(new CreateKeyCommand({ KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' })),
      ),
    );
    const all = (await operator.send(new ListKeysCommand({}))).Keys ?? [];
    const paged: unknown[] = [];
    for await (const { Keys = [] } of paginateListKeys({ client: operator, pageSize: 2 }, {})) {
      expect(Keys.length).toBeLessThanOrEqual(2);
      paged.push(...Keys);
    }
    expect(paged).toEqual(all);
    expect(all).toEqual(expect.arrayContaining(kms.keys.map(({ keyId, arn }) => ({ KeyId: keyId, KeyArn: arn }))));
  });

  test.each([
    [{ Limit: 0 }, 'ValidationException'],
    [{ Limit: 1001 }, 'ValidationException'],
    [{ Limit: 1.5 }, 'SerializationException'],
    [{ Marker: 'nowhere' }, 'InvalidMarkerException'],
  ])('ListKeys %j is refused', async (input, name) => {
    await expect(operator.send(new ListKeysCommand(input))).rejects.toEqual(named(name));
  });
});

describe('aliases', () => {
  test('are created, listed, moved and deleted', async () => {
    const create = () => operator.send(new CreateKeyCommand({ KeySpec: 'ECC_SECG_P256K1', KeyUsage: 'SIGN_VERIFY' }));
    const [first, second] = [(await create()).KeyMetadata, (await create()).KeyMetadata];
    const AliasName = 'alias/moving';
    await operator.send(new CreateAliasCommand({ AliasName, TargetKeyId: first?.KeyId }));
    const again = new CreateAliasCommand({ AliasName, TargetKeyId: second?.KeyId });
    await expect(operator.send(again)).rejects.toEqual(named('AlreadyExistsException'));
    const described = async () => (await signer.send(new DescribeKeyCommand({ KeyId: AliasName }))).KeyMetadata?.Arn;
    expect(await described()).toBe(first?.Arn);
    await operator.send(new UpdateAliasCommand({ AliasName, TargetKeyId: second?.Arn }));
    expect(await described()).toBe(second?.Arn);
    const listed = await operator.send(new ListAliasesCommand({ KeyId: second?.KeyId }));
    expect(listed.Aliases).toMatchObject([{ AliasName, TargetKeyId: second?.KeyId }]);
    await operator.send(new DeleteAliasCommand({ AliasName }));
    await expect(described()).rejects.toEqual(named('NotFoundException'));
    await expect(operator.send(new DeleteAliasCommand({ AliasName }))).rejects.toEqual(named('NotFoundException'));
  });

  test('ListAliases is paged', async () => {
    const first = await operator.send(new ListAliasesCommand({ Limit: 1 }));
    expect(first).toMatchObject({ Truncated: true, Aliases: [{ AliasName: 'alias/stellar' }] });
    const next = await operator.send(new ListAliasesCommand({ Limit: 1, Marker: first.NextMarker }));
    expect(next.Aliases).toMatchObject([{ AliasName: 'alias/evm' }]);
  });

  test.each([
    ['evm', 'ValidationException'],
    ['alias/aws/evm', 'InvalidAliasNameException'],
    ['alias/with space', 'InvalidAliasNameException'],
  ])('the name %s is refused', async (AliasName, name) => {
    const command = new CreateAliasCommand({ AliasName, TargetKeyId: kms.keys[0]?.keyId });
    await expect(operator.send(command)).rejects.toEqual(named(name));
  });

  test('an alias leads to a key of its own spec, and to no other alias', async () => {
    const other = new UpdateAliasCommand({ AliasName: 'alias/evm', TargetKeyId: kms.keys[0]?.keyId });
    await expect(operator.send(other)).rejects.toEqual(named('ValidationException'));
    const alias = new CreateAliasCommand({ AliasName: 'alias/two', TargetKeyId: 'alias/evm' });
    await expect(operator.send(alias)).rejects.toEqual(named('ValidationException'));
  });
});

describe('the two roles', () => {
  const managing: [string, () => Promise<unknown>][] = [
    ['CreateKey', () => signer.send(new CreateKeyCommand({ KeySpec: 'ECC_SECG_P256K1', KeyUsage: 'SIGN_VERIFY' }))],
    ['ListKeys', () => signer.send(new ListKeysCommand({}))],
    ['ListAliases', () => signer.send(new ListAliasesCommand({}))],
    ['DisableKey', () => signer.send(new DisableKeyCommand({ KeyId: 'alias/evm' }))],
    ['EnableKey', () => signer.send(new EnableKeyCommand({ KeyId: 'alias/evm' }))],
    ['CreateAlias', () => signer.send(new CreateAliasCommand({ AliasName: 'alias/mine', TargetKeyId: 'x' }))],
    ['UpdateAlias', () => signer.send(new UpdateAliasCommand({ AliasName: 'alias/evm', TargetKeyId: 'x' }))],
    ['DeleteAlias', () => signer.send(new DeleteAliasCommand({ AliasName: 'alias/evm' }))],
  ];
  test.each(managing)('the signer may not %s', async (operation, call) => {
    await expect(call()).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringMatching(
        new RegExp(`user/countersign-signer is not authorized to perform: kms:${operation} `),
      ),
    });
  });

  test('the operator may also sign', async () => {
    const input = { KeyId: 'alias/stellar', Message: randomBytes(32), SigningAlgorithm: 'ED25519_SHA_512' } as const;
    expect((await operator.send(new SignCommand(input))).Signature).toHaveLength(64);
  });
});

test('an independent key pair does not verify our signatures', async () => {
  const Message = randomBytes(32);
  const input = { KeyId: 'alias/stellar', Message, SigningAlgorithm: 'ED25519_SHA_512' } as const;
  expect(verify(null, Message, generateKeyPairSync('ed25519').publicKey, await signed(input))).toBe(false);
});
