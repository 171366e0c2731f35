import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Backend } from '@countersign/custody/backend';
import type { KeysConfig } from '@countersign/custody/keys-config';
import { openRegistry, type Registry } from '@countersign/custody/registry';
import type { Surroundings } from '@countersign/custody/surroundings';
import { toYaml } from '@countersign/dev/configuration';
import { findPart } from '@countersign/dev/find-part';
import { spawnKms } from '../harness/processes.ts';
import { ON_KMS, ON_LEGACY, openSignerWorld, type SignerWorld } from '../harness/signers.ts';

/** One custody of the Stellar treasury's key: what a signer is given for it, and the same backend in this process. */
export interface BenchCustody extends AsyncDisposable {
  readonly name: string;
  readonly world: SignerWorld;
  readonly env: Readonly<Record<string, string>>;
  readonly path: 'legacy' | 'kms';
  readonly backend: Backend;
}

/** More than is ever asked for: AWS raises its own quota on request. */
const QUOTA = 100_000;
const ID = 'treasury-stellar';

/** A KMS emulator in a process of its own, whose answers take at least so long. */
export async function awsKms(latencyMs: number): Promise<BenchCustody> {
  await using opened = new AsyncDisposableStack();
  const world = opened.use(await openSignerWorld({ paths: ON_KMS }));
  const kms = opened.use(await spawnKms(world, latencyMs));
  const endpoint = `http://127.0.0.1:${kms.port}`;
  const { region, credentials } = world.kms;
  const aws = { mode: 'development', signPerSecond: QUOTA, region, endpoint, credentials: credentials.signer } as const;
  const key = { backend: 'aws-kms', key: `alias/${ID}` } as const;
  const backend = await alone(opened, keysOf(world, { kms: key }), { env: {}, aws });
  const env = { AWS_ENDPOINT_URL_KMS: endpoint, KMS_SIGN_PER_SECOND: String(QUOTA) };
  return { name: `aws-kms, ${latencyMs} ms`, world, env, path: 'kms', backend, ...kept(opened) };
}

/** The seed in the environment. */
export async function seed(): Promise<BenchCustody> {
  await using opened = new AsyncDisposableStack();
  const world = opened.use(await openSignerWorld({ paths: ON_LEGACY }));
  const legacy = { backend: 'env', variable: 'SEED' } as const;
  const surroundings = { env: { SEED: world.keys.stellar.seed }, aws: { mode: 'development' } } as const;
  const backend = await alone(opened, keysOf(world, { legacy }), surroundings);
  return { name: 'env', world, env: {}, path: 'legacy', backend, ...kept(opened) };
}

const [LABEL, PIN] = ['countersign', '648219'];

/** A SoftHSM2 with the key imported. @returns undefined where this machine has none */
export async function softHsm(sessions: number): Promise<BenchCustody | undefined> {
  const part = findPart('softhsm2');
  if (part === undefined) return undefined;
  await using opened = new AsyncDisposableStack();
  const world = opened.use(await openSignerWorld({ paths: ON_KMS }));
  const file = (name: string) => join(world.dir, name);
  mkdirSync(file('tokens'));
  writeFileSync(file('softhsm2.conf'), `directories.tokendir = ${file('tokens')}\nlog.level = ERROR\n`);
  writeFileSync(file('pin'), PIN, { mode: 0o600 });
  writeFileSync(file('key.pem'), pemOf(world.keys.stellar.privateKey), { mode: 0o600 });
  const SOFTHSM2_CONF = file('softhsm2.conf');
  const util = (...args: string[]) =>
    execFileSync('softhsm2-util', args, { env: { PATH: process.env['PATH'], SOFTHSM2_CONF }, stdio: 'pipe' });
  util('--init-token', '--free', '--label', LABEL, '--so-pin', '0000', '--pin', PIN);
  util('--import', file('key.pem'), '--token', LABEL, '--label', ID, '--id', '01', '--pin', PIN);

  const tokens = { main: { module: part.file, label: LABEL, pin: { file: file('pin') }, sessions } };
  const config = { ...keysOf(world, { kms: { backend: 'pkcs11', token: 'main', label: ID } }), tokens };
  const both = { ...config, keys: { ...config.keys, ...evmOf(world) } };
  writeFileSync(file('keys-hsm.yaml'), toYaml(both));
  // The library reads the process's own environment.
  process.env['SOFTHSM2_CONF'] = SOFTHSM2_CONF;
  const backend = await alone(opened, config, { env: {}, aws: { mode: 'development' } });
  // Two threads are never the HSM's.
  const env = {
    KEYS_FILE: file('keys-hsm.yaml'),
    SOFTHSM2_CONF,
    UV_THREADPOOL_SIZE: String(Math.max(4, sessions + 2)),
  };
  return {
    name: `SoftHSM2, ${sessions} ${sessions === 1 ? 'session' : 'sessions'}`,
    world,
    env,
    path: 'kms',
    backend,
    ...kept(opened),
  };
}

function keysOf({ keys }: SignerWorld, custodies: KeysConfig['keys'][string]['custodies']): KeysConfig {
  const publicKey = Buffer.from(keys.stellar.publicKey).toString('hex');
  return { keys: { [ID]: { algorithm: 'ed25519', public_key: publicKey, custodies } } };
}

/** The other key of the world's policy, in its KMS. */
function evmOf({ keys }: SignerWorld): KeysConfig['keys'] {
  const kms = { backend: 'aws-kms', key: 'alias/treasury-evm' } as const;
  const publicKey = Buffer.from(keys.evm.publicKey).toString('hex');
  return { 'treasury-evm': { algorithm: 'secp256k1', public_key: publicKey, custodies: { kms } } };
}

async function alone(opened: AsyncDisposableStack, config: KeysConfig, surroundings: Surroundings): Promise<Backend> {
  const registry: Registry = opened.adopt(await openRegistry(config, surroundings), (registry) => registry.close());
  const { legacy, kms } = registry.keys.get(ID)?.custodies ?? {};
  const backend = kms ?? legacy;
  if (backend === undefined) throw new Error('expected a custody');
  return backend;
}

function kept(opened: AsyncDisposableStack): AsyncDisposable {
  const moved = opened.move();
  return { [Symbol.asyncDispose]: () => moved.disposeAsync() };
}

function pemOf(privateKey: Uint8Array): string {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), privateKey]);
  return `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`;
}
