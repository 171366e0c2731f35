import { assertKeys } from './assert-keys.ts';
import type { Algorithm, Backend } from './backend.ts';
import { openEnvBackend } from './env/env.ts';
import { CustodyError } from './error.ts';
import type { KeysConfig } from './keys-config.ts';
import { ignored, type KmsCustodies, openKmsCustodies } from './kms-custodies.ts';
import { named, pinned } from './pinned.ts';
import { assertSameKeys } from './same-keys.ts';
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
  /**
   * Opens the `kms` custodies of another keys file, with the same keys; nothing of it is in use yet.
   * @throws CustodyError `MISCONFIGURED`, also for a change that needs a restart, or `UNAVAILABLE`; naming the key id
   */
  openCustodies(config: KeysConfig): Promise<OpenedCustodies>;
  close(): Promise<void>;
}

/** Custodies that wait for their turn. */
export interface OpenedCustodies {
  /** From now on the keys sign by these. Signatures that are under way are finished by those before, which are then closed. */
  use(): void;
  /** They are closed. */
  drop(): Promise<void>;
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
  const { env, retireMs = 10_000 } = surroundings;
  const keys = new Map<string, OpenKey>();
  for (const [id, { algorithm, public_key: publicKey }] of Object.entries(config.keys)) {
    const key = { id, algorithm, publicKey: new Uint8Array(Buffer.from(publicKey, 'hex')), custodies: {} };
    prepareChecker(algorithm, key.publicKey);
    keys.set(id, key);
  }
  const openLegacy = (id: string) => {
    const key = keys.get(id);
    const variable = config.keys[id]?.custodies.legacy?.variable;
    if (key === undefined || variable === undefined) {
      throw new CustodyError('MISCONFIGURED', `key ${id}: expected a legacy custody, got none`);
    }
    try {
      key.custodies.legacy ??= pinned(key.publicKey, openEnvBackend(key.algorithm, variable, env));
    } catch (error) {
      throw named(id, error);
    }
  };
  const closeLegacy = (id: string) => {
    const custodies = keys.get(id)?.custodies;
    void custodies?.legacy?.close();
    delete custodies?.legacy;
  };

  let current = config;
  let kms: KmsCustodies | undefined;
  const retired = new Map<KmsCustodies, NodeJS.Timeout>();
  const use = (custodies: KmsCustodies) => {
    if (kms !== undefined) retire(kms);
    kms = custodies;
    for (const [id, backend] of custodies.backends) {
      const key = keys.get(id);
      if (key !== undefined) key.custodies.kms = backend;
    }
    custodies.use(true);
  };
  const retire = (custodies: KmsCustodies) => {
    custodies.use(false);
    const end = () => {
      retired.delete(custodies);
      void custodies.close().catch(ignored);
    };
    retired.set(custodies, setTimeout(end, retireMs).unref());
  };
  const close = async () => {
    for (const id of keys.keys()) closeLegacy(id);
    for (const timer of retired.values()) clearTimeout(timer);
    await Promise.all([kms, ...retired.keys()].map((custodies) => custodies?.close()));
  };

  try {
    for (const id of keys.keys()) if (needsLegacy(id)) openLegacy(id);
    use(await openKmsCustodies(config, surroundings));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    keys,
    openLegacy,
    closeLegacy,
    async openCustodies(next) {
      assertSameKeys(current.keys, next.keys);
      const opened = await openKmsCustodies(next, surroundings);
      return {
        use() {
          current = next;
          use(opened);
        },
        drop: () => opened.close().catch(ignored),
      };
    },
    close,
  };
}

type OpenKey = RegisteredKey & { readonly custodies: { legacy?: Backend; kms?: Backend } };
