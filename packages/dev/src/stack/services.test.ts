import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDevPki, type DevPki } from '../pki/pki.ts';
import type { CustodyPath } from './configuration.ts';
import { generateKeys, type KeyId } from './keys.ts';
import { apiSpec, signerSpec } from './services.ts';

const keys = generateKeys(1);
const kms = { endpoint: 'http://127.0.0.1:5', region: 'us-east-1', accessKeyId: 'DEV', secretAccessKey: 'kms-secret' };
const databases = { signer: 'postgres://signer:one@127.0.0.1/signer', api: 'postgres://api:two@127.0.0.1/api' };
let dir: string;
let pki: DevPki;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'countersign-services-'));
  pki = await createDevPki(dir);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const signer = (paths: Record<KeyId, CustodyPath>) =>
  signerSpec({
    port: 1,
    metricsPort: 2,
    metricsUrl: 'http://127.0.0.1:2/metrics',
    databaseUrl: databases.signer,
    pki,
    files: { keys: '/keys.yaml', policy: '/policy.yaml', flags: '/flags.yaml' },
    audit: { log: '/audit.jsonl', checkpointKey: '/checkpoint.key' },
    kms,
    keys,
    pathOf: (key) => paths[key],
  });

const api = () =>
  apiSpec({
    port: 3,
    metricsPort: 4,
    url: 'http://127.0.0.1:3',
    databaseUrl: databases.api,
    signerAddress: '127.0.0.1:1',
    pki,
    chainsFile: '/chains.yaml',
  });

describe('the API’s environment', () => {
  test('names no key, no KMS, and none of the signer’s secrets', () => {
    const env = api().env();
    expect(Object.keys(env).filter((name) => /AWS|KMS|SEED|KEYS_FILE|POLICY|FLAGS/.test(name))).toEqual([]);
    const text = JSON.stringify(env);
    const secrets = [keys.stellar.seed, keys.evm.seed, kms.secretAccessKey, databases.signer, pki.signer.keyFile];
    for (const secret of secrets) expect(text).not.toContain(secret);
    expect(env).toMatchObject({ DATABASE_URL: databases.api, SIGNER_TLS_KEY_FILE: pki.api.keyFile });
  });
});

describe('the signer', () => {
  test('does not know the API’s database', () => {
    const text = JSON.stringify(signer({ 'treasury-stellar': 'legacy', 'treasury-evm': 'legacy' }).env());
    expect(text).not.toContain(databases.api);
    expect(text).toContain(databases.signer);
  });

  test.each([
    ['legacy', 'legacy'],
    ['legacy', 'kms'],
    ['kms', 'legacy'],
    ['kms', 'kms'],
  ] as const)('with keys on %s and %s has the seeds of those on legacy', (stellar, evm) => {
    const text = JSON.stringify(signer({ 'treasury-stellar': stellar, 'treasury-evm': evm }).env());
    expect(text.includes(keys.stellar.seed)).toBe(stellar === 'legacy');
    expect(text.includes(keys.evm.seed)).toBe(evm === 'legacy');
  });

  test('runs hardened', () => {
    const { command, args } = signer({ 'treasury-stellar': 'kms', 'treasury-evm': 'kms' });
    expect(command).toBe(process.execPath);
    expect(args).toEqual([
      '--disable-proto=throw',
      '--disallow-code-generation-from-strings',
      expect.stringMatching(/services\/signer\/dist\/main\.js$/),
    ]);
  });
});
