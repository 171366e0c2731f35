import { setTimeout as pause } from 'node:timers/promises';
import { CountersignError } from '@countersign/contract/errors';
import type { CustodyPath } from '@countersign/custody/flag';

export interface PathChange {
  readonly key: string;
  readonly from: CustodyPath;
  readonly to: CustodyPath;
}

/** Which path is in force for each key; what its flag asks for is another matter until it is accepted. */
export interface CustodyPaths extends AsyncDisposable {
  pathOf(key: string): CustodyPath;
  /** Looks again at what the flags ask for, those that were refused before included: they, or policy, have changed. */
  reconsider(): Promise<void>;
}

export interface CustodyPathsOptions {
  /** In force at the start. */
  readonly first: ReadonlyMap<string, CustodyPath>;
  /** What the flag asks for now. */
  readonly wanted: (key: string) => CustodyPath;
  /** Makes a key ready for a path, and asks the database. @returns why not. @throws CountersignError where it does not answer */
  readonly accept: (change: PathChange) => Promise<string | undefined>;
  /** The change is in force. */
  readonly onChange: (change: PathChange) => void;
  /** The path before stays in force, and so it does while the database cannot be asked. */
  readonly onRefused: (change: PathChange, problem: string) => void;
  readonly onWaiting: (change: PathChange, error: unknown) => void;
  /** After each look: whether the flag asks for another path than the one in force. */
  readonly onLook: (key: string, isPending: boolean) => void;
  /** How long after the database could not be asked it is asked again; twice as long each time, up to half a minute. */
  readonly retryMs?: number;
  /** From one look at the flags to the next, at the least: each change is a commit with an event, and a file can change all the time. */
  readonly restMs?: number;
}

const MAX_RETRY_MS = 30_000;

/** Follows the flags, one change after the other. */
export function openCustodyPaths(options: CustodyPathsOptions): CustodyPaths {
  const { first, wanted, accept, onChange, onRefused, onWaiting, onLook, retryMs = 2_000, restMs = 1_000 } = options;
  const paths = new Map(first);
  // Keys that the database may have put on kms without a word: it has to say so before they go anywhere else.
  const unsure = new Set<string>();
  let waits = 0;
  const closing = new AbortController();
  let retry: NodeJS.Timeout | undefined;
  let queue: Promise<void> = Promise.resolve();

  const pathOf = (key: string): CustodyPath => {
    const path = paths.get(key);
    if (path === undefined) throw new CountersignError('INTERNAL', `key ${key}: expected a custody path`);
    return path;
  };

  const take = async (change: PathChange): Promise<void> => {
    try {
      const problem = await accept(change);
      unsure.delete(change.key);
      waits = 0;
      if (problem !== undefined) return onRefused(change, problem);
      paths.set(change.key, change.to);
      onChange(change);
    } catch (error) {
      if (change.to === 'kms') unsure.add(change.key);
      onWaiting(change, error);
      // No file will change because the database is back. A question that waits for the row of one key holds up those of others.
      retry ??= setTimeout(() => void reconsider(), Math.min(retryMs * 2 ** waits++, MAX_RETRY_MS)).unref();
    }
  };

  const takeAll = async (): Promise<void> => {
    clearTimeout(retry);
    retry = undefined;
    for (const [key, from] of [...paths]) {
      if (closing.signal.aborted) return;
      if (unsure.has(key)) await take({ key, from, to: 'kms' });
      const [now, to] = [pathOf(key), wanted(key)];
      if (to !== now && !unsure.has(key)) await take({ key, from: now, to });
      onLook(key, to !== pathOf(key) || unsure.has(key));
    }
  };

  const rest = () => pause(restMs, undefined, { ref: false, signal: closing.signal }).catch(() => undefined);
  let waiting: Promise<void> | undefined;

  /** One look for all that ask before it begins. */
  function reconsider(): Promise<void> {
    waiting ??= queue.then(() => {
      waiting = undefined;
      return takeAll();
    });
    queue = waiting.then(rest);
    return waiting;
  }

  return {
    pathOf,
    reconsider,
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      clearTimeout(retry);
      await queue;
    },
  };
}
