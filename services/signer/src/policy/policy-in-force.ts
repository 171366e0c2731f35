import { CountersignError } from '@countersign/contract/errors';
import { CustodyError } from '@countersign/custody/error';
import type { KeysConfig } from '@countersign/custody/keys-config';
import type { OpenedCustodies } from '@countersign/custody/registry';
import type { Policy } from '@countersign/policy/schema';
import { ConfigError } from '@countersign/runtime/config';
import { watchFile } from '@countersign/runtime/watch-file';
import type { Acceptance } from './accept-policy.ts';
import type { LoadedPolicy } from './load-policy.ts';

/** One policy, as a request finds it at its beginning: it is decided by this one to its end. */
export interface PolicyInForce {
  readonly policy: Policy;
  readonly version: bigint;
  /** Hex; stands in every audit event. */
  readonly digest: string;
  /** Operators who signed it; none where no signature is asked for. */
  readonly signedBy: readonly string[];
}

export interface PolicySource extends AsyncDisposable {
  inForce(): PolicyInForce;
  /** Reads the files again. Whatever is wrong with them, the policy before stays in force. */
  reload(): Promise<void>;
}

export interface PolicyOptions {
  /** As it was read at the start. */
  readonly first: LoadedPolicy;
  /** Reads it again. @throws ConfigError */
  readonly load: () => LoadedPolicy;
  /** Files to be watched. */
  readonly files: readonly string[];
  /** Opens the custodies of another keys file. @throws CustodyError */
  readonly openCustodies: (keys: KeysConfig) => Promise<OpenedCustodies>;
  /** Asks the database. */
  readonly accept: (loaded: LoadedPolicy) => Promise<Acceptance>;
  readonly onChange: (inForce: PolicyInForce) => void;
  /** Files were refused. */
  readonly onError: (error: unknown) => void;
  /** The database, or a place of keys, could not be asked about them, and will be asked again. */
  readonly onWaiting: (error: unknown) => void;
  /** The files say what is in force, perhaps again. */
  readonly onSame: () => void;
  /** How long after it could not be asked it is asked again; twice as long each time, up to half a minute. */
  readonly retryMs?: number;
}

const MAX_RETRY_MS = 30_000;

/**
 * The policy in force in this replica: the first one, then whatever the files say once they have changed, all or nothing: the custodies
 * of a changed keys file are open before the policy is accepted, and in use from then on.
 *
 * @throws ConfigError where the first one is not accepted.
 */
export async function openPolicy(options: PolicyOptions): Promise<PolicySource> {
  const { first, load, files, openCustodies, onChange, onError, onWaiting, onSame, retryMs = 1_000 } = options;
  let closed = false;
  let retry: NodeJS.Timeout | undefined;
  // Whether the database may have accepted another policy than the one in force here, without a word.
  let unsure = false;
  let { keysDigest } = first;
  let waits = 0;
  // Watched before it is accepted, so that no change falls between; and one at a time, so that the newest is read last.
  let queue: Promise<unknown> = Promise.resolve();
  const enqueue = <T>(job: () => Promise<T>): Promise<T> => {
    const next = queue.then(job, job);
    queue = next.catch(() => undefined);
    return next;
  };
  const reload = (): Promise<void> => enqueue(readAgain);
  const watches = files.map((file) => watchFile(file, () => void reload()));
  const close = async () => {
    closed = true;
    clearTimeout(retry);
    for (const watch of watches) watch.close();
    await queue;
  };

  let current: PolicyInForce;
  try {
    current = await enqueue(() => accepted(options, first));
  } catch (error) {
    await close();
    throw error;
  }
  await reload(); // What changed between the first reading and the watch.
  return { inForce: () => current, reload, [Symbol.asyncDispose]: close };

  function again(): void {
    clearTimeout(retry);
    // A question that waits for the row of one key holds those of others: it is not asked without a break.
    const delay = Math.min(retryMs * 2 ** waits++, MAX_RETRY_MS);
    retry = closed ? undefined : setTimeout(() => void reload(), delay).unref();
  }

  async function readAgain(): Promise<void> {
    if (closed) return;
    try {
      const loaded = load();
      if (loaded.digest === current.digest && !unsure) return onSame();
      const custodies = loaded.keysDigest === keysDigest ? undefined : await openCustodies(loaded.keys);
      try {
        current = await accepted(options, loaded, () => {
          unsure = false;
          waits = 0;
        });
      } catch (error) {
        await custodies?.drop();
        throw error;
      }
      custodies?.use();
      keysDigest = loaded.keysDigest;
      onChange(current);
    } catch (error) {
      if (error instanceof CountersignError && error.retryable) unsure = true;
      else if (!(error instanceof CustodyError && error.retryable)) return onError(error);
      // No file will change because the database, or the place of a key, is back.
      onWaiting(error);
      again();
    }
  }
}

async function accepted({ accept }: PolicyOptions, loaded: LoadedPolicy, onAnswer = () => {}): Promise<PolicyInForce> {
  const { policy, digest, signedBy } = loaded;
  const answer = await accept(loaded);
  onAnswer();
  if (!answer.accepted) throw new ConfigError([{ where: 'POLICY_FILE', problem: answer.problem }]);
  return { policy, digest, signedBy, version: BigInt(policy.version) };
}
