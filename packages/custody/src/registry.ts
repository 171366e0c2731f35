import { assertKeys } from './assert-keys.ts';
import type { Algorithm, Backend } from './backend.ts';
import { openEnvBackend } from './env/env.ts';
import { CustodyError } from './error.ts';
import type { KeyConfig, KeysConfig } from './keys-config.ts';
import { createProviders } from './providers.ts';
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
  /**
   * Reads the seed of a key from the environment, where that has not been done.
   * @throws CustodyError `MISCONFIGURED`, also for a key that has no legacy custody
   */
  openLegacy(id: string): void;
  /** Forgets the seed of a key: its bytes are overwritten. */
  closeLegacy(id: string): void;
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
 * @param needsLegacy whether the seed of a key is read now, and not only when `openLegacy` asks for it
 * @throws CustodyError `MISCONFIGURED` or `UNAVAILABLE`, naming the key id
 */
export async function openRegistry(
  config: KeysConfig,
  surroundings: Surroundings,
  needsLegacy: (id: string) => boolean = (id) => config.keys[id]?.custodies.legacy !== undefined,
): Promise<Registry> {
  assertKeys(config.keys);
  const { env, openTimeoutMs = 15_000 } = surroundings;
  const providers = createProviders(surroundings, config);
  const signal = AbortSignal.timeout(openTimeoutMs);
  const opened = new Map<string, OpenKey>();
  const openLegacy = (id: string) => {
    const key = opened.get(id);
    const variable = config.keys[id]?.custodies.legacy?.variable;
    if (key === undefined || variable === undefined) {
      throw new CustodyError('MISCONFIGURED', `key ${id}: expected a legacy custody, got none`);
    }
    key.custodies.legacy ??= naming(id, () => openPinned(key, openEnvBackend(key.algorithm, variable, env)));
  };
  const open = async (id: string, { algorithm, public_key: pinned, custodies: { kms } }: KeyConfig) => {
    const key: OpenKey = { id, algorithm, publicKey: new Uint8Array(Buffer.from(pinned, 'hex')), custodies: {} };
    opened.set(id, key);
    prepareChecker(algorithm, key.publicKey);
    if (needsLegacy(id)) openLegacy(id);
    if (kms === undefined) return;
    const backend = await naming(id, () => providers.at(kms))
      .open(algorithm, signal)
      .catch((error: unknown) => {
        throw named(id, error);
      });
    key.custodies.kms = naming(id, () => openPinned(key, backend));
  };
  const close = async () => {
    const backends = [...opened.values()].flatMap(({ custodies }) => Object.values(custodies));
    await Promise.all(backends.map((backend) => backend.close()));
    await providers.close();
  };

  // In the order of the file, whichever is open first.
  const settled = await Promise.allSettled(Object.entries(config.keys).map(([id, key]) => open(id, key)));
  const failure = settled.find((one) => one.status === 'rejected');
  if (failure !== undefined) {
    await close();
    throw failure.reason;
  }
  return {
    keys: opened,
    openLegacy,
    closeLegacy: (id) => {
      const custodies = opened.get(id)?.custodies;
      void custodies?.legacy?.close();
      delete custodies?.legacy;
    },
    close,
  };
}

type OpenKey = RegisteredKey & { readonly custodies: { legacy?: Backend; kms?: Backend } };

/** @returns the backend. @throws CustodyError `MISCONFIGURED`, after closing it, where it holds another key */
function openPinned({ publicKey }: RegisteredKey, backend: Backend): Backend {
  if (Buffer.from(publicKey).equals(backend.publicKey)) return backend;
  void backend.close();
  const [expected, got] = [publicKey, backend.publicKey].map((bytes) => Buffer.from(bytes).toString('hex'));
  throw new CustodyError('MISCONFIGURED', `${backend.name}: public key: expected the pinned ${expected}, got ${got}`);
}

function naming<T>(id: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw named(id, error);
  }
}

function named(id: string, error: unknown): unknown {
  if (!(error instanceof CustodyError)) return error;
  return new CustodyError(error.code, `key ${id}: ${error.message}`, { attempts: error.attempts, cause: error });
}
