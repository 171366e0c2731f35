import { assertKeys } from './assert-keys.ts';
import type { Algorithm, Backend } from './backend.ts';
import { openEnvBackend } from './env/env.ts';
import { CustodyError } from './error.ts';
import type { KeyConfig, KeysConfig } from './keys-config.ts';
import { createProviders, type Providers } from './providers.ts';
import { prepareChecker } from './signature.ts';
import type { Surroundings } from './surroundings.ts';

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
export async function openRegistry(config: KeysConfig, surroundings: Surroundings): Promise<Registry> {
  assertKeys(config.keys);
  const { env, openTimeoutMs = 15_000 } = surroundings;
  const providers = createProviders(surroundings);
  const opening: Opening = { env, providers, signal: AbortSignal.timeout(openTimeoutMs) };
  const settled = await Promise.allSettled(Object.entries(config.keys).map(([id, key]) => openKey(id, key, opening)));
  const keys = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const close = async () => {
    await Promise.all(keys.flatMap((key) => Object.values(key.custodies)).map((backend) => backend.close()));
    await providers.close();
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
  readonly providers: Providers;
  readonly signal: AbortSignal;
}

async function openKey(id: string, config: KeyConfig, { env, providers, signal }: Opening): Promise<RegisteredKey> {
  const { algorithm } = config;
  const publicKey = new Uint8Array(Buffer.from(config.public_key, 'hex'));
  const custodies: { legacy?: Backend; kms?: Backend } = {};
  try {
    prepareChecker(algorithm, publicKey);
    const { legacy, kms } = config.custodies;
    if (legacy !== undefined) custodies.legacy = openEnvBackend(algorithm, legacy.variable, env);
    if (kms !== undefined) custodies.kms = await providers.open(kms, algorithm, signal);
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
