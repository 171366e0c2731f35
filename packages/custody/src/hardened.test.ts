import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

/** What a signer does with this package, in a process of its own, without Jest around it. */
const PROBE = `
import { mkdtemp, writeFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKms } from '@countersign/dev/kms';
import { openPathFlag } from '@countersign/custody/flag';
import { keysSchema } from '@countersign/custody/keys-config';
import { openRegistry } from '@countersign/custody/registry';
import { checkedSignature } from '@countersign/custody/signature';

const kms = await startKms({ keys: [{ alias: 'alias/a', algorithm: 'ed25519' }, { alias: 'alias/b', algorithm: 'secp256k1' }] });
const config = keysSchema.parse({ keys: Object.fromEntries(kms.keys.map((key) => [
  key.algorithm,
  { algorithm: key.algorithm, public_key: key.publicKey, custodies: { kms: { backend: 'aws-kms', key: key.alias } } },
])) });
const { signer } = kms.credentials;
const env = { AWS_REGION: kms.region, AWS_ACCESS_KEY_ID: signer.accessKeyId, AWS_SECRET_ACCESS_KEY: signer.secretAccessKey };
const aws = { mode: 'development', endpoint: kms.url, attemptTimeoutMs: 1500 };
const registry = await openRegistry(config, { env, aws });
const message = new Uint8Array(32).fill(1);
const outcomes = {};
for (const key of registry.keys.values()) {
  for (const kind of ['reset', 'hang']) {
    kms.faults.set({ faults: [{ kind, times: 1 }] });
    const { signature, attempts } = await key.custodies.kms.sign(message, AbortSignal.timeout(10_000));
    const { length } = checkedSignature(key.algorithm, key.publicKey, message, signature);
    outcomes[key.id + ' ' + kind] = [length, ...attempts.map((attempt) => attempt.errorCode ?? attempt.outcome)];
  }
}
const without = await openRegistry(config, { env: {}, aws: { ...aws, region: kms.region } }).catch((error) => [error.code, error.message]);
const folder = await mkdtemp(join(tmpdir(), 'probe-'));
const file = join(folder, 'flags.yaml');
await writeFile(file, 'paths: { ed25519: legacy }');
const { promise: changed, resolve } = Promise.withResolvers();
const flag = await openPathFlag(file, ['ed25519'], resolve, () => undefined);
await writeFile(file, 'paths: { ed25519: kms }');
await changed;
const change = flag.pathOf('ed25519');
await flag.close();
await registry.close();
await kms.close();
await rm(folder, { recursive: true });
process.stdout.write(JSON.stringify({ outcomes, without, change }));
`;

test('registry, KMS, checks and flag work under the flags of the signer', async () => {
  const flags = ['--disable-proto=throw', '--disallow-code-generation-from-strings', '--conditions=source'];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, '--input-type=module', '--eval', PROBE], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: {
      PATH: process.env['PATH'],
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    },
  });
  expect(JSON.parse(stdout)).toEqual({
    outcomes: {
      'ed25519 reset': [64, 'ECONNRESET', 'succeeded'],
      'ed25519 hang': [64, 'ETIMEDOUT', 'succeeded'],
      'secp256k1 reset': [65, 'ECONNRESET', 'succeeded'],
      'secp256k1 hang': [65, 'ETIMEDOUT', 'succeeded'],
    },
    without: [
      'MISCONFIGURED',
      'key ed25519: aws-kms: no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the process a role (attempts: 1)',
    ],
    change: 'kms',
  });
});
