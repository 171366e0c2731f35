import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readKmsConfig } from '../kms/config.ts';
import { type Kms, startKms } from '../kms/start-kms.ts';
import { freePorts } from './free-ports.ts';
import { generateKeys } from './keys.ts';
import { type PreparedKms, prepareKms } from './kms.ts';

const keys = generateKeys(0);
let dir: string;
let prepared: PreparedKms;
let kms: Kms;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'countersign-kms-'));
  const [port = 0] = await freePorts(1);
  prepared = await prepareKms(dir, port, `http://127.0.0.1:${port}`, keys);
  kms = await startKms(await readKmsConfig(prepared.spec.args.at(-1), {}));
});
afterAll(async () => {
  await kms.close();
  await rm(dir, { recursive: true, force: true });
});

describe('the dev KMS as the stack configures it', () => {
  test('holds the same keys as the legacy seeds', () => {
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
    expect(kms.keys).toMatchObject([
      { alias: prepared.keyIds['treasury-stellar'], publicKey: hex(keys.stellar.publicKey) },
      { alias: prepared.keyIds['treasury-evm'], publicKey: hex(keys.evm.publicKey) },
    ]);
  });

  test('listens where the signer looks, with credentials of this run', async () => {
    const { signer, operator } = prepared.access;
    expect(kms).toMatchObject({ url: signer.endpoint, region: signer.region });
    expect(kms.credentials.signer).toEqual({
      accessKeyId: signer.accessKeyId,
      secretAccessKey: signer.secretAccessKey,
    });
    expect(signer.secretAccessKey).not.toBe(operator.secretAccessKey);
    expect(await prepared.spec.ready()).toBe(true);
  });

  test('keeps its configuration to the owner, and nothing in the environment', async () => {
    const file = prepared.spec.args.at(-1) ?? '';
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toContain(Buffer.from(keys.evm.privateKey).toString('hex'));
    expect(prepared.spec.env()).toEqual({});
  });
});
