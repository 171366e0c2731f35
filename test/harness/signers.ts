import { randomBytes } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSignerClient, type SignerClient } from '@countersign/contract/grpc';
import type { Registry } from '@countersign/custody/registry';
import {
  type CustodyPath,
  flagsDocument,
  keysDocument,
  type Paths,
  policyDocument,
  SEED_VARIABLES,
  toYaml,
} from '@countersign/dev/configuration';
import { generateKeys, type KeyId, type StackKeys } from '@countersign/dev/keys';
import { type Kms, type KmsOptions, startKms } from '@countersign/dev/kms';
import { createDevPki, type DevPki, SPIFFE_IDS } from '@countersign/dev/pki';
import { type Postgres, startPostgres } from '@countersign/dev/postgres';
import type { Recipients } from '@countersign/dev/recipients';
import { envToCfg } from '@countersign/signer/config';
import { createSigner, type Signer } from '@countersign/signer/create-signer';
import { readEnv } from '@countersign/signer/env';
import { StrKey } from '@stellar/stellar-sdk/base';

/** One signer of this process, and a client with the API's certificate. */
export interface Replica {
  readonly signer: Signer;
  readonly client: SignerClient;
}

export interface ReplicaOptions {
  readonly name?: string;
  readonly clock?: () => Date;
  /** Wraps the opened keys, to inject a fault. */
  readonly keys?: (registry: Registry) => Registry;
  /** Laid over the environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Everything around signers that is real: Postgres, a KMS over HTTP, certificates, files. */
export interface SignerWorld extends AsyncDisposable {
  readonly keys: StackKeys;
  readonly kms: Kms;
  readonly pki: DevPki;
  readonly postgres: Postgres<'signer' | 'api'>;
  readonly dir: string;
  readonly recipients: Recipients;
  /** The variables of a signer of this world; `env` is laid over them, undefined takes one away. */
  environment(name: string, env?: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv;
  /** Starts one more signer over the same database. */
  start(options?: ReplicaOptions): Promise<Replica>;
  /** A client of a running signer with other files than the API's. */
  connect(signer: Pick<Signer, 'port'>, tls?: { caFile: string; certFile: string; keyFile: string }): SignerClient;
  setFlags(paths: Paths): Promise<void>;
  /** Writes another policy. */
  setPolicy(change: (document: ReturnType<typeof policyDocument>) => object): Promise<void>;
}

export interface WorldOptions {
  readonly channels?: number;
  readonly paths?: Paths;
  readonly recipients?: SignerWorld['recipients'];
  readonly keys?: StackKeys;
  /** Changes the policy before it is written. */
  readonly policy?: (document: ReturnType<typeof policyDocument>) => unknown;
}

export const ON_KMS: Paths = { 'treasury-stellar': 'kms', 'treasury-evm': 'kms' };
export const ON_LEGACY: Paths = { 'treasury-stellar': 'legacy', 'treasury-evm': 'legacy' };

export async function openSignerWorld(options: WorldOptions = {}): Promise<SignerWorld> {
  await using opened = new AsyncDisposableStack();
  const keys = options.keys ?? generateKeys(options.channels ?? 2);
  const dir = opened.adopt(await mkdtemp(join(tmpdir(), 'countersign-test-')), (dir) => rm(dir, { recursive: true }));
  const postgres = opened.adopt(await startPostgres({ databases: ['signer', 'api'] }), (postgres) => postgres.stop());
  const kms = opened.adopt(await startKms({ keys: kmsKeys(keys) }), (kms) => kms.close());
  const pki = await createDevPki(join(dir, 'pki'));
  const strangers = generateKeys(3);
  const recipients = options.recipients ?? {
    stellar: strangers.channels.map((channel) => channel.publicKey()),
    contracts: [StrKey.encodeContract(randomBytes(32))],
    evm: [strangers.evm.address],
  };

  const write = async (name: string, document: unknown): Promise<string> => {
    const file = join(dir, name);
    await writeFile(`${file}.new`, toYaml(document));
    await rename(`${file}.new`, file);
    return file;
  };
  const aliases = { 'treasury-stellar': 'alias/treasury-stellar', 'treasury-evm': 'alias/treasury-evm' };
  const policy = policyDocument(keys, recipients);
  const files = {
    KEYS_FILE: await write('keys.yaml', keysDocument(keys, aliases)),
    POLICY_FILE: await write('policy.yaml', options.policy?.(policy) ?? policy),
    FLAGS_FILE: await write('flags.yaml', flagsDocument(options.paths ?? ON_KMS)),
  };
  let paths = options.paths ?? ON_KMS;

  const connect: SignerWorld['connect'] = (signer, tls) =>
    kept.adopt(
      createSignerClient({
        address: `127.0.0.1:${signer.port}`,
        tls: tls ?? { caFile: pki.apiCaFile, certFile: pki.api.certFile, keyFile: pki.api.keyFile },
        serverSpiffeId: SPIFFE_IDS.signer,
      }),
      (client) => client.close(),
    );

  const environment: SignerWorld['environment'] = (name, env = {}) => ({
    COUNTERSIGN_MODE: 'development',
    DATABASE_URL: postgres.urls.signer,
    SIGNER_PORT: '0',
    SIGNER_METRICS_PORT: '0',
    SIGNER_REPLICA: name,
    SIGNER_TLS_CA_FILE: pki.apiCaFile,
    SIGNER_TLS_CERT_FILE: pki.signer.certFile,
    SIGNER_TLS_KEY_FILE: pki.signer.keyFile,
    LOG_LEVEL: 'silent',
    AWS_REGION: kms.region,
    AWS_ENDPOINT_URL_KMS: kms.url,
    AWS_ACCESS_KEY_ID: kms.credentials.signer.accessKeyId,
    AWS_SECRET_ACCESS_KEY: kms.credentials.signer.secretAccessKey,
    ...files,
    ...seedsFor(keys, paths),
    ...env,
  });

  const kept = opened.move();
  return {
    keys,
    kms,
    pki,
    postgres,
    dir,
    recipients,
    connect,
    environment,
    start: async ({ name = 'signer-0', env = {}, ...overrides } = {}) => {
      const vars = environment(name, env);
      const signer = kept.use(await createSigner(envToCfg(readEnv(vars), vars), overrides));
      return { signer, client: connect(signer) };
    },
    setFlags: async (wanted) => {
      paths = wanted;
      await write('flags.yaml', flagsDocument(wanted));
    },
    setPolicy: async (change) => void (await write('policy.yaml', change(policyDocument(keys, recipients)))),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

export function kmsKeys(keys: StackKeys): NonNullable<KmsOptions['keys']> {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  return [
    { alias: 'alias/treasury-stellar', algorithm: 'ed25519', privateKey: hex(keys.stellar.privateKey) },
    { alias: 'alias/treasury-evm', algorithm: 'secp256k1', privateKey: hex(keys.evm.privateKey) },
  ];
}

/** The seeds of the keys that are still on the legacy path. */
function seedsFor(keys: StackKeys, paths: Paths): Record<string, string> {
  const seeds: Record<KeyId, string> = { 'treasury-stellar': keys.stellar.seed, 'treasury-evm': keys.evm.seed };
  const onLegacy = (Object.entries(paths) as [KeyId, CustodyPath][]).filter(([, path]) => path !== 'kms');
  return Object.fromEntries(onLegacy.map(([id]) => [SEED_VARIABLES[id], seeds[id]]));
}
