import { once } from 'node:events';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { type Credentials, identityOf, type Role } from './access.ts';
import { type KmsConfig, type KmsOptions, kmsConfigSchema } from './config.ts';
import { createEventLog, type KmsEvent } from './events.ts';
import { createFaults, type Faults } from './faults.ts';
import { createImports } from './imports.ts';
import { createKeyStore, type KeyStore } from './key-store.ts';
import { type KmsKey, usableMaterial } from './kms-key.ts';
import { createKmsServer } from './server.ts';
import { createVerifier } from './sigv4.ts';

export type { Credentials, Role } from './access.ts';
export type { KmsOptions } from './config.ts';
export type { KmsEvent } from './events.ts';
export type { Fault, FaultState, Faults } from './faults.ts';

/** A key that was there at start. */
export interface StartedKey {
  readonly alias: string;
  readonly algorithm: 'ed25519' | 'secp256k1';
  readonly keyId: string;
  readonly arn: string;
  /** Lower-case hex: 32 bytes for ed25519, 33 (compressed) for secp256k1. */
  readonly publicKey: string;
}

export interface Kms {
  /** For the SDK's `endpoint`: `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly port: number;
  readonly region: string;
  readonly credentials: Readonly<Record<Role, Credentials>>;
  readonly keys: readonly StartedKey[];
  readonly faults: Faults;
  /** Calls of known callers, oldest first, as CloudTrail records them. */
  events(): readonly KmsEvent[];
  /** Drops every connection, also those that a fault left hanging. */
  close(): Promise<void>;
}

/** Starts an AWS KMS emulator in this process; README.md beside this file says what it models. */
export async function startKms(options: KmsOptions = {}): Promise<Kms> {
  const config = kmsConfigSchema.parse(options);
  const { host, region, account, credentials } = config;
  const faults = createFaults(config.faults);
  const store = createKeyStore(account, region, () => faults.now());
  const keys = config.keys.map((key) => startKey(store, key));
  const events = createEventLog(account, region);
  const principals = (['signer', 'operator'] as const).map((role) => {
    const { accessKeyId, secretAccessKey } = credentials[role];
    return [accessKeyId, { secretAccessKey, identity: identityOf(role, accessKeyId, account) }] as const;
  });
  const server = createKmsServer({
    store,
    imports: createImports(),
    faults,
    events,
    verifier: createVerifier(region, new Map(principals)),
  });
  server.listen(config.port, host);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : config.port;
  return {
    url: `http://${host}:${port}`,
    port,
    region,
    credentials,
    keys,
    faults,
    events: () => events.all(),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function startKey(store: KeyStore, { alias, algorithm, privateKey }: KmsConfig['keys'][number]): StartedKey {
  const spec = algorithm === 'ed25519' ? 'ECC_NIST_EDWARDS25519' : 'ECC_SECG_P256K1';
  const key =
    privateKey === undefined
      ? store.create(spec, 'SIGN_VERIFY', '', 'AWS_KMS')
      : store.seed(algorithm, Buffer.from(privateKey, 'hex'));
  store.name(alias, key);
  return { alias, algorithm, keyId: key.id, arn: key.arn, publicKey: publicKeyOf(key) };
}

function publicKeyOf(key: KmsKey): string {
  const material = usableMaterial(key);
  if (material.kind === 'symmetric') throw new Error(`${key.arn}: expected a public key`);
  const { spki } = material;
  if (key.spec === 'ECC_NIST_EDWARDS25519') return Buffer.from(spki.subarray(-32)).toString('hex');
  return secp256k1.Point.fromBytes(spki.subarray(-65)).toHex(true);
}
