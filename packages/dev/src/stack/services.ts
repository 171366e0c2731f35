import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type DevPki, SPIFFE_IDS } from '../pki/pki.ts';
import type { AuditFiles } from './audit-files.ts';
import { type CustodyPath, SEED_VARIABLES } from './configuration.ts';
import { KEY_IDS, type KeyId, type StackKeys } from './keys.ts';
import type { KmsAccess } from './kms.ts';
import type { Environment, ProgramSpec } from './program.ts';
import { compiled } from './repository.ts';

const run = promisify(execFile);

/** The signer must not run code made from strings, nor lose its prototypes. */
const HARDENING = ['--disable-proto=throw', '--disallow-code-generation-from-strings'];

export function signerSpec(options: {
  readonly port: number;
  readonly metricsPort: number;
  readonly metricsUrl: string;
  readonly databaseUrl: string;
  readonly pki: DevPki;
  readonly files: { readonly keys: string; readonly policy: string; readonly flags: string };
  readonly audit: Pick<AuditFiles, 'log' | 'checkpointKey'>;
  readonly kms: KmsAccess;
  readonly keys: StackKeys;
  readonly pathOf: (key: KeyId) => CustodyPath;
}): ProgramSpec {
  const { pki, files, audit, kms, keys } = options;
  return {
    name: 'signer',
    command: process.execPath,
    args: [...HARDENING, compiled('services/signer', 'main')],
    env: () => ({
      COUNTERSIGN_MODE: 'development',
      DATABASE_URL: options.databaseUrl,
      SIGNER_HOST: '127.0.0.1',
      SIGNER_PORT: String(options.port),
      SIGNER_METRICS_PORT: String(options.metricsPort),
      SIGNER_TLS_CA_FILE: pki.apiCaFile,
      SIGNER_TLS_CERT_FILE: pki.signer.certFile,
      SIGNER_TLS_KEY_FILE: pki.signer.keyFile,
      KEYS_FILE: files.keys,
      POLICY_FILE: files.policy,
      FLAGS_FILE: files.flags,
      AUDIT_FILE: audit.log,
      AUDIT_CHECKPOINT_KEY_FILE: audit.checkpointKey,
      AUDIT_CHECKPOINT_SECONDS: '5',
      LOG_LEVEL: 'info',
      AWS_REGION: kms.region,
      AWS_ENDPOINT_URL_KMS: kms.endpoint,
      AWS_ACCESS_KEY_ID: kms.accessKeyId,
      AWS_SECRET_ACCESS_KEY: kms.secretAccessKey,
      ...seedsOnLegacy(keys, options.pathOf),
    }),
    ready: () => answersOk(new URL('/readyz', options.metricsUrl)),
  };
}

/** The signer refuses to start with the seed of a key that its flags have moved to KMS. */
function seedsOnLegacy(keys: StackKeys, pathOf: (key: KeyId) => CustodyPath): Environment {
  const seeds: Record<KeyId, string> = { 'treasury-stellar': keys.stellar.seed, 'treasury-evm': keys.evm.seed };
  const onLegacy = KEY_IDS.filter((key) => pathOf(key) !== 'kms');
  return Object.fromEntries(onLegacy.map((key) => [SEED_VARIABLES[key], seeds[key]]));
}

export function apiSpec(options: {
  readonly port: number;
  readonly metricsPort: number;
  readonly url: string;
  readonly databaseUrl: string;
  readonly signerAddress: string;
  readonly pki: DevPki;
  readonly chainsFile: string;
}): ProgramSpec {
  const { pki } = options;
  return {
    name: 'api',
    command: process.execPath,
    args: [compiled('services/api', 'main')],
    env: () => ({
      DATABASE_URL: options.databaseUrl,
      API_HOST: '127.0.0.1',
      API_PORT: String(options.port),
      API_METRICS_PORT: String(options.metricsPort),
      SIGNER_ADDRESS: options.signerAddress,
      SIGNER_TLS_CA_FILE: pki.apiCaFile,
      SIGNER_TLS_CERT_FILE: pki.api.certFile,
      SIGNER_TLS_KEY_FILE: pki.api.keyFile,
      SIGNER_SPIFFE_ID: SPIFFE_IDS.signer,
      CHAINS_FILE: options.chainsFile,
      LOG_LEVEL: 'info',
    }),
    ready: () => answersOk(new URL('/readyz', options.url)),
  };
}

/** Mints an API key with the API's own command, and returns the secret that it shows once. */
export async function mintApiKey(databaseUrl: string, name: string, signal: AbortSignal): Promise<string> {
  const { PATH = '' } = process.env;
  const env: Environment = { PATH, DATABASE_URL: databaseUrl };
  const command = [compiled('services/api', 'mint-api-key'), '--name', name];
  const { stdout } = await run(process.execPath, command, { env, signal, timeout: 30_000 });
  return stdout.trim();
}

async function answersOk(url: URL): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  await response.body?.cancel();
  return response.ok;
}
