import type { KMSClient } from '@aws-sdk/client-kms';
import { z } from 'zod';
import { assertKeys } from './assert-keys.ts';
import { type AwsOptions, createKmsClient } from './aws-kms/aws-client.ts';
import { openAwsKmsBackend } from './aws-kms/aws-kms.ts';
import type { Algorithm, Backend } from './backend.ts';
import { openEnvBackend } from './env/env.ts';
import { CustodyError } from './error.ts';
import { prepareChecker } from './signature.ts';

export type { AwsCredentials, AwsOptions } from './aws-kms/aws-client.ts';

const keyId = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'expected lower-case letters, digits and dashes')
  .meta({ title: 'key id' });

const envCustody = z.strictObject({
  backend: z.literal('env').describe('the seed stands in the signer’s environment'),
  variable: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]*$/, 'expected the name of a variable')
    .describe(
      'the variable that holds it: `S…` or 64 hex digits for ed25519, 64 hex digits (`0x` or not) for secp256k1',
    ),
});

const kmsCustody = z.strictObject({
  backend: z.literal('aws-kms').describe('the key is in AWS KMS and never leaves it'),
  key: z.string().min(1).max(2048).describe('key id, key ARN, alias name (`alias/…`) or alias ARN'),
});

/** Public keys: 64 hex digits (ed25519), or 66 (secp256k1, compressed), as `ListKeys` shows them. */
const keySchema = z
  .strictObject({
    algorithm: z.enum(['ed25519', 'secp256k1']).describe('ed25519 for Stellar, secp256k1 for EVM chains'),
    public_key: z
      .string()
      .regex(/^[0-9a-f]+$/, 'expected lower-case hex digits')
      .describe(
        'the one key that every custody has to hold: 64 hex digits for ed25519, 66 (compressed) for secp256k1; once in the file',
      ),
    custodies: z
      .strictObject({
        legacy: envCustody.optional().describe('where the key comes from: signs while its flag is `legacy`'),
        kms: kmsCustody.optional().describe('where it goes to: signs while its flag is `kms`'),
      })
      .refine(
        (custodies) => custodies.legacy !== undefined || custodies.kms !== undefined,
        'expected legacy, kms or both',
      )
      .describe(
        'where the key lives: `legacy`, `kms` or both; `legacy` is opened at the start while the flag names it, `kms` always',
      ),
  })
  .refine((key) => key.public_key.length === (key.algorithm === 'ed25519' ? 64 : 66), {
    path: ['public_key'],
    error: 'expected 64 hex digits for ed25519, 66 (compressed) for secp256k1',
  });

/** The keys file. The key of each entry is the key id, the only handle that leaves the signer. */
export const keysSchema = z.strictObject({
  keys: z
    .record(keyId, keySchema)
    .refine((keys) => Object.keys(keys).length > 0, 'expected at least one key')
    .describe('at least one; the key id is what policy, flags, API and audit events call the key'),
});
export type KeysConfig = z.infer<typeof keysSchema>;
type KeyConfig = KeysConfig['keys'][string];

export interface RegisteredKey {
  readonly id: string;
  readonly algorithm: Algorithm;
  /** The pinned key: 32 bytes, or 33 compressed. Every custody holds exactly this one. */
  readonly publicKey: Uint8Array;
  readonly custodies: Readonly<Partial<Record<'legacy' | 'kms', Backend>>>;
}

export interface Registry {
  readonly keys: ReadonlyMap<string, RegisteredKey>;
  close(): Promise<void>;
}

/** Names of the variables that hold a seed of the key: none of them may be set while the key's flag is `kms`. */
export function seedVariablesOf(config: KeysConfig, id: string): readonly string[] {
  const variable = new Map(Object.entries(config.keys)).get(id)?.custodies.legacy?.variable;
  return variable === undefined ? [] : [variable];
}

/**
 * Opens every custody of every key. One that cannot be opened, or that holds another key than the pinned one, stops it
 * all; what was opened is closed again.
 * @throws CustodyError `MISCONFIGURED` or `UNAVAILABLE`, naming the key id
 */
export async function openRegistry(config: KeysConfig, env: NodeJS.ProcessEnv, aws: AwsOptions): Promise<Registry> {
  assertKeys(config.keys);
  let client: KMSClient | undefined;
  const opening: Opening = {
    env,
    kms: () => {
      client ??= createKmsClient(aws, env);
      return client;
    },
    signal: AbortSignal.timeout(aws.openTimeoutMs ?? 15_000),
  };
  const settled = await Promise.allSettled(Object.entries(config.keys).map(([id, key]) => openKey(id, key, opening)));
  const keys = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const close = async () => {
    await Promise.all(keys.flatMap((key) => Object.values(key.custodies)).map((backend) => backend.close()));
    client?.destroy();
  };
  const failure = settled.find((one) => one.status === 'rejected');
  if (failure !== undefined) {
    await close();
    throw failure.reason;
  }
  return { keys: new Map(keys.map((key) => [key.id, key])), close };
}

interface Opening {
  readonly env: NodeJS.ProcessEnv;
  readonly kms: () => KMSClient;
  readonly signal: AbortSignal;
}

async function openKey(id: string, config: KeyConfig, { env, kms, signal }: Opening): Promise<RegisteredKey> {
  const { algorithm } = config;
  const publicKey = new Uint8Array(Buffer.from(config.public_key, 'hex'));
  const custodies: { legacy?: Backend; kms?: Backend } = {};
  try {
    prepareChecker(algorithm, publicKey);
    const { legacy, kms: kmsKey } = config.custodies;
    if (legacy !== undefined) custodies.legacy = openEnvBackend(algorithm, legacy.variable, env);
    if (kmsKey !== undefined) {
      custodies.kms = await openAwsKmsBackend(kms(), { key: kmsKey.key, algorithm }, signal);
    }
    for (const backend of Object.values(custodies)) assertPinned(backend, publicKey);
    return { id, algorithm, publicKey, custodies };
  } catch (error) {
    await custodies.legacy?.close();
    if (!(error instanceof CustodyError)) throw error;
    throw new CustodyError(error.code, `key ${id}: ${error.message}`, { attempts: error.attempts, cause: error });
  }
}

function assertPinned(backend: Backend, publicKey: Uint8Array): void {
  if (Buffer.from(publicKey).equals(backend.publicKey)) return;
  const [expected, got] = [publicKey, backend.publicKey].map((bytes) => Buffer.from(bytes).toString('hex'));
  throw new CustodyError('MISCONFIGURED', `${backend.name}: public key: expected the pinned ${expected}, got ${got}`);
}
