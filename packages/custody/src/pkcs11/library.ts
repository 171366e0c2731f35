import { existsSync, realpathSync } from 'node:fs';
import { setImmediate as immediate, setTimeout as pause } from 'node:timers/promises';
import { types } from 'node:util';
import type { PKCS11 } from 'pkcs11js';
import { CustodyError } from '../error.ts';
import { cleaned } from '../remote-text.ts';
import { loadAddon } from './addon.ts';
import { CKF_OS_LOCKING_OK } from './constants.ts';
import { failureOf, Pkcs11Failure } from './failure.ts';

/** A PKCS#11 library, which is one for the whole process, whatever tokens are reached by it. */
export interface Library {
  readonly cryptoki: PKCS11;
  /** Whether a token of it has been open: one that cannot be opened any more may need the library started anew. */
  hasServed: boolean;
  /** Grows at each restart. A handle of an earlier one means nothing, or something else. */
  readonly epoch: number;
  /** Counts a call that runs on another thread, until it ends: C_Finalize under it is undefined (PKCS#11 v3.1, section 5.4.2). */
  during<T>(call: Promise<T>): Promise<T>;
  /** Resolves when no restart is going on: meanwhile no call is begun. */
  ready(): Promise<void>;
  /**
   * C_Finalize and C_Initialize, once all calls have ended: some libraries see a token that was away again only then. One for
   * all who ask at the same time. Where someone else has initialized the library nothing is done.
   * @param seen the epoch that was found wanting: after another's restart there is no need
   * @param mostMs how long calls are waited for: one that is under way for longer hangs
   * @throws Pkcs11Failure `CALL_HANGS`, and all is as it was; an Error of the addon
   */
  restart(seen: number, mostMs: number): Promise<void>;
  /**
   * C_Finalize, when the last one who opened it has closed it. Under a call that hangs it is left out: the process may end without,
   * and who opens the library again finds it as it is.
   * @param mostMs how long calls are waited for; default 5000
   */
  close(mostMs?: number): Promise<void>;
}

const CLOSE_MS = 5_000;

/** By file, whatever links lead to it. */
const opened = new Map<string, { readonly loading: Promise<Library>; readonly users: { count: number } }>();

/**
 * Loads the library at a path and initializes it, unless that was done before.
 * @throws CustodyError `MISCONFIGURED`
 */
export async function openLibrary(path: string): Promise<Library> {
  const file = existsSync(path) ? realpathSync(path) : path;
  const users = { count: 0 };
  const entry = opened.get(file) ?? { users, loading: load(file, users) };
  opened.set(file, entry);
  // Before anything is awaited, so that it is not finalized in between.
  entry.users.count++;
  try {
    return await entry.loading;
  } catch (error) {
    opened.delete(file);
    throw error;
  }
}

async function load(path: string, users: { count: number }): Promise<Library> {
  const { PKCS11 } = await loadAddon();
  const cryptoki = new PKCS11();
  const isOurs = begin(cryptoki, path);
  /** Those under way, and since when. */
  const calls = new Map<Promise<unknown>, number>();
  let epoch = 1;
  let restarting: Promise<void> | undefined;
  let isOpen = true;

  /** Runs it at a moment when no call is under way. @returns false where there was none in time */
  const whenIdle = async (mostMs: number, run: () => void): Promise<boolean> => {
    const until = performance.now() + mostMs;
    while (calls.size > 0) {
      const leftMs = until - performance.now();
      if (leftMs <= 0) return false;
      const timer = new AbortController();
      const late = pause(leftMs, undefined, timer).catch(() => undefined);
      await Promise.race([Promise.allSettled(calls.keys()), late]);
      timer.abort();
    }
    run();
    return true;
  };
  const startAnew = () => {
    finalize(cryptoki);
    // Every connection is lost.
    epoch++;
    initialize(cryptoki);
  };
  const restart = async (mostMs: number) => {
    // Who was told that no restart is going on has begun by then.
    await immediate();
    const hangs = [...calls.values()].some((since) => performance.now() - since >= mostMs);
    if (!hangs && (await whenIdle(mostMs, startAnew))) return;
    const message = 'a call hangs, and the library cannot be started anew under it';
    throw new Pkcs11Failure('CALL_HANGS', message, { retryable: true, down: true });
  };
  const end = () => {
    if (users.count > 0 || !isOpen) return;
    isOpen = false;
    opened.delete(path);
    if (isOurs) finalize(cryptoki);
  };

  return {
    cryptoki,
    hasServed: false,
    get epoch() {
      return epoch;
    },
    async during(call) {
      calls.set(call, performance.now());
      try {
        return await call;
      } finally {
        calls.delete(call);
      }
    },
    ready: async () => restarting?.catch(() => undefined),
    async restart(seen, mostMs) {
      if (!isOurs) return;
      if (restarting === undefined && seen !== epoch) return;
      restarting ??= restart(mostMs).finally(() => {
        restarting = undefined;
      });
      await restarting;
    },
    async close(mostMs = CLOSE_MS) {
      users.count--;
      await restarting?.catch(() => undefined);
      await whenIdle(mostMs, end);
    },
  };
}

/** @throws CustodyError `MISCONFIGURED` */
function begin(cryptoki: PKCS11, path: string): boolean {
  try {
    cryptoki.load(path);
  } catch (error) {
    throw unloadable(path, error);
  }
  try {
    return initialize(cryptoki);
  } catch (cause) {
    const { errorCode } = failureOf(cause);
    throw new CustodyError('MISCONFIGURED', `pkcs11: module ${path}: C_Initialize: ${errorCode}`, { cause });
  }
}

/** @param thrown by dlopen: it names a library that is missing in turn, or says that the file is for another machine */
function unloadable(path: string, thrown: unknown): CustodyError {
  const isThere = existsSync(path);
  const why = cleaned(types.isNativeError(thrown) ? thrown.message : 'no reason given');
  const got = isThere ? `${path}, which cannot be loaded: ${why}` : `no file ${path}`;
  const cause = new Pkcs11Failure(isThere ? 'MODULE_UNFIT' : 'MODULE_NOT_FOUND', why);
  return new CustodyError('MISCONFIGURED', `pkcs11: module: expected a PKCS#11 library, got ${got}`, { cause });
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
