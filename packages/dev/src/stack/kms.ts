import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { KmsOptions } from '../kms/start-kms.ts';
import type { KeyId, StackKeys } from './keys.ts';
import type { ProgramSpec } from './program.ts';
import { replaceFile } from './replace-file.ts';
import { compiled } from './repository.ts';

/** What an AWS SDK needs to reach the dev KMS in one role. */
export interface KmsAccess {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface PreparedKms {
  readonly spec: ProgramSpec;
  /** `signer` may sign; `operator` may manage keys. */
  readonly access: { readonly signer: KmsAccess; readonly operator: KmsAccess };
  /** Names the seeded keys, as KEYS_FILE does. */
  readonly keyIds: Readonly<Record<KeyId, string>>;
}

const REGION = 'us-east-1';

/** Writes the dev KMS's configuration, seeded with the treasuries' keys and with fresh credentials. */
export async function prepareKms(dir: string, port: number, endpoint: string, keys: StackKeys): Promise<PreparedKms> {
  const file = join(dir, 'kms.json');
  const access = { signer: accessFor('SIGNER', endpoint), operator: accessFor('OPERATOR', endpoint) };
  const keyIds = { 'treasury-stellar': 'alias/treasury-stellar', 'treasury-evm': 'alias/treasury-evm' };
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  const options: KmsOptions = {
    port,
    region: REGION,
    credentials: { signer: credentialsOf(access.signer), operator: credentialsOf(access.operator) },
    keys: [
      { alias: keyIds['treasury-stellar'], algorithm: 'ed25519', privateKey: hex(keys.stellar.privateKey) },
      { alias: keyIds['treasury-evm'], algorithm: 'secp256k1', privateKey: hex(keys.evm.privateKey) },
    ],
  };
  await replaceFile(file, JSON.stringify(options));
  const spec: ProgramSpec = {
    name: 'kms',
    command: process.execPath,
    args: [compiled('packages/dev', 'kms/main'), file],
    env: () => ({}),
    ready: async () => (await fetch(`${endpoint}/_dev/faults`, { signal: AbortSignal.timeout(1_000) })).ok,
  };
  return { spec, access, keyIds };
}

function accessFor(role: string, endpoint: string): KmsAccess {
  return {
    endpoint,
    region: REGION,
    accessKeyId: `DEV${role}`,
    secretAccessKey: randomBytes(20).toString('hex'),
  };
}

function credentialsOf({ accessKeyId, secretAccessKey }: KmsAccess) {
  return { accessKeyId, secretAccessKey };
}
