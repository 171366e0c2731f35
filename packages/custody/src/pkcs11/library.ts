import type { PKCS11 } from 'pkcs11js';
import { CustodyError } from '../error.ts';
import { loadAddon } from './addon.ts';
import { CKF_OS_LOCKING_OK } from './constants.ts';
import { failureOf } from './failure.ts';

/** A PKCS#11 library, which is one for the whole process, whatever tokens are reached by it. */
export interface Library {
  readonly cryptoki: PKCS11;
  /** Grows at each restart. A handle of an earlier one means nothing, or something else. */
  readonly epoch: number;
  /** Counts a call that runs on another thread, until it ends: the library must not be finalized under it. */
  during<T>(call: Promise<T>): Promise<T>;
  /** Resolves when no restart is going on. */
  ready(): Promise<void>;
  /**
   * C_Finalize and C_Initialize, once all calls have ended: some libraries see a token that was away again only then. One for
   * all who ask at the same time. Where someone else has initialized the library nothing is done.
   * @param seen the epoch that was found wanting: after another's restart there is no need
   */
  restart(seen: number): Promise<void>;
  /** C_Finalize, when the last one who opened it has closed it and all calls have ended. */
  close(): Promise<void>;
}

/** By path. */
const opened = new Map<string, { readonly loading: Promise<Library>; readonly users: { count: number } }>();

/**
 * Loads the library at a path and initializes it, unless that was done before.
 * @throws CustodyError `MISCONFIGURED`
 */
export async function openLibrary(path: string): Promise<Library> {
  const users = { count: 0 };
  const entry = opened.get(path) ?? { users, loading: load(path, users) };
  opened.set(path, entry);
  // Before anything is awaited, so that it is not finalized in between.
  entry.users.count++;
  try {
    return await entry.loading;
  } catch (error) {
    opened.delete(path);
    throw error;
  }
}

async function load(path: string, users: { count: number }): Promise<Library> {
  const { PKCS11 } = await loadAddon();
  const cryptoki = new PKCS11();
  const isOurs = begin(cryptoki, path);
  const calls = new Set<Promise<unknown>>();
  let epoch = 1;
  let restarting: Promise<void> | undefined;
  let isOpen = true;

  const drained = async () => {
    while (calls.size > 0) await Promise.allSettled(calls);
  };
  const restart = async () => {
    // From now on every connection counts as lost, so that no call begins.
    epoch++;
    await drained();
    finalize(cryptoki);
    initialize(cryptoki);
  };

  return {
    cryptoki,
    get epoch() {
      return epoch;
    },
    async during(call) {
      calls.add(call);
      try {
        return await call;
      } finally {
        calls.delete(call);
      }
    },
    ready: async () => restarting?.catch(() => undefined),
    async restart(seen) {
      if (!isOurs) return;
      if (restarting === undefined && seen !== epoch) return;
      restarting ??= restart().finally(() => {
        restarting = undefined;
      });
      await restarting;
    },
    async close() {
      users.count--;
      await restarting?.catch(() => undefined);
      await drained();
      if (users.count > 0 || !isOpen) return;
      isOpen = false;
      opened.delete(path);
      if (isOurs) finalize(cryptoki);
    },
  };
}

/** @throws CustodyError `MISCONFIGURED` */
function begin(cryptoki: PKCS11, path: string): boolean {
  try {
    cryptoki.load(path);
  } catch (cause) {
    throw new CustodyError('MISCONFIGURED', `pkcs11: module: expected a PKCS#11 library, got ${path}`, { cause });
  }
  try {
    return initialize(cryptoki);
  } catch (cause) {
    const { errorCode } = failureOf(cause);
    throw new CustodyError('MISCONFIGURED', `pkcs11: module ${path}: C_Initialize: ${errorCode}`, { cause });
  }
}

/**
 * Other threads call the library while this one does, so it has to lock (PKCS#11 v3.1, section 5.4.1).
 * @returns whether it was this call that initialized it
 */
function initialize(cryptoki: PKCS11): boolean {
  try {
    cryptoki.C_Initialize({ flags: CKF_OS_LOCKING_OK });
    return true;
  } catch (error) {
    if (failureOf(error).errorCode === 'CKR_CRYPTOKI_ALREADY_INITIALIZED') return false;
    throw error;
  }
}

/** One that is not initialized, after a restart that has failed, is none the less finalized. */
function finalize(cryptoki: PKCS11): void {
  try {
    cryptoki.C_Finalize();
  } catch (error) {
    if (failureOf(error).errorCode !== 'CKR_CRYPTOKI_NOT_INITIALIZED') throw error;
  }
}
