import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Kms, startKms } from '../kms/start-kms.ts';
import { startComposeKms } from './kms.ts';

const credentials = {
  signer: { accessKeyId: 'DEVSIGNER', secretAccessKey: 'signs' },
  operator: { accessKeyId: 'DEVOPERATOR', secretAccessKey: 'manages' },
};

// Another dev KMS stands where local-kms does: it is asked with the same request.
let folder: string;
let upstream: Kms;
let kms: { readonly port: number; close(): Promise<void> };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-kms-'));
  const config = { credentials, keys: [{ alias: 'alias/treasury-stellar', algorithm: 'ed25519' }] };
  await writeFile(join(folder, 'kms.json'), JSON.stringify(config));
  upstream = await startKms({ credentials, keys: [{ alias: 'alias/treasury-evm', algorithm: 'secp256k1' }] });
  kms = await startComposeKms({
    KMS_CONFIG_FILE: join(folder, 'kms.json'),
    KMS_PORT: 0,
    LOCAL_KMS_URL: upstream.url,
  });
});
afterAll(async () => {
  await kms.close();
  await upstream.close();
  await rm(folder, { recursive: true });
});

const client = (secretAccessKey = 'signs') =>
  new KMSClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${kms.port}`,
    credentials: { accessKeyId: 'DEVSIGNER', secretAccessKey },
    maxAttempts: 1,
  });

describe('one KMS over two', () => {
  test('signs with the keys of either', async () => {
    const ed25519 = await client().send(
      new SignCommand({
        KeyId: 'alias/treasury-stellar',
        Message: new Uint8Array(32),
        SigningAlgorithm: 'ED25519_SHA_512',
      }),
    );
    expect(ed25519.Signature).toHaveLength(64);
    const ecdsa = await client().send(
      new SignCommand({
        KeyId: 'alias/treasury-evm',
        Message: new Uint8Array(32),
        MessageType: 'DIGEST',
        SigningAlgorithm: 'ECDSA_SHA_256',
      }),
    );
    expect(ecdsa.KeyId).toBe(upstream.keys[0]?.arn);
    expect(upstream.events().map(({ eventName }) => eventName)).toEqual(['Sign']);
  });

  test('asks the other only for whom the first has authenticated', async () => {
    const before = upstream.events().length;
    const asked = client('wrong').send(new GetPublicKeyCommand({ KeyId: 'alias/treasury-evm' }));
    await expect(asked).rejects.toThrow(/signature/i);
    expect(upstream.events()).toHaveLength(before);
  });

  test('knows no key that neither has', async () => {
    const asked = client().send(new GetPublicKeyCommand({ KeyId: 'alias/nobody' }));
    await expect(asked).rejects.toMatchObject({ name: 'NotFoundException' });
  });

  test('says that it is in trouble when the other is gone', async () => {
    await upstream.close();
    const asked = client().send(new GetPublicKeyCommand({ KeyId: 'alias/treasury-evm' }));
    await expect(asked).rejects.toMatchObject({ name: 'KMSInternalException' });
    upstream = await startKms();
  });
});
