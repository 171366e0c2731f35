import { setTimeout } from 'node:timers/promises';
import { readRegularText } from '@countersign/runtime/regular-file';
import { watchFile } from '@countersign/runtime/watch-file';
import { parseYaml } from '@countersign/runtime/yaml';
import { type Client, NOOP_PROVIDER, OpenFeature, TypedInMemoryProvider } from '@openfeature/server-sdk';
import { z } from 'zod';
import { CustodyError } from './error.ts';
import { keyIdSchema } from './keys-config.ts';

const PATHS = ['legacy', 'shadow', 'kms'] as const;
const pathSchema = z.enum(PATHS);

/** Which of a key's custodies signs; on `shadow` the legacy one does, and what is in KMS, an HSM or Vault is asked beside it. */
export type CustodyPath = z.infer<typeof pathSchema>;

/** The flags file: `paths: { treasury-stellar: legacy, treasury-evm: kms }`. */
export const flagsSchema = z.strictObject({
  paths: z
    .record(
      keyIdSchema,
      pathSchema.describe(
        'which custody of the key signs; on `shadow` the legacy one does, and the other is asked beside it, timed and compared; a change needs no restart',
      ),
    )
    .describe('one for every key of KEYS_FILE; a file that is bad, or lacks one, changes nothing'),
});

export interface PathFlag {
  /** What the file says, read from memory. @throws CustodyError `MISCONFIGURED` for a key that the file does not name */
  pathOf(keyId: string): CustodyPath;
  close(): Promise<void>;
}

/** Room for a thousand keys; reading more YAML than that takes time that signatures would wait for. */
const MOST_BYTES = 64 * 1024;

/** How long after a bad file it is read once more before it counts as one. */
const SETTLE_MS = 100;

let domains = 0;

/**
 * The feature flag of each key, evaluated through OpenFeature. Its provider is the in-memory one, fed from a file that is
 * watched: the signer has no route to a remote provider. A file that is bad, or that no longer names a key, changes
 * nothing: the last state stays and `onError` hears why.
 *
 * @param keyIds keys that the file has to name, at start and afterwards
 * @param onChange told that the path of one key or more has changed
 * @throws CustodyError `MISCONFIGURED` when the file is missing, bad, or lacks one of `keyIds`
 */
export async function openPathFlag(
  file: string,
  keyIds: readonly string[],
  onChange: () => void,
  onError: (error: Error) => void,
): Promise<PathFlag> {
  domains += 1;
  const domain = `countersign.custody.${domains}`;
  const provider = new TypedInMemoryProvider();
  await OpenFeature.setProviderAndWait(domain, provider);
  const client = OpenFeature.getClient(domain);
  let paths: ReadonlyMap<string, CustodyPath> = new Map();
  let closed = false;

  const load = async (): Promise<ReadonlyMap<string, CustodyPath>> => {
    const wanted = readPaths(file, keyIds);
    provider.putConfiguration(Object.fromEntries([...wanted].map(([key, path]) => [key, flagOf(path)])));
    const before = paths;
    paths = await evaluate(client, [...wanted.keys()]);
    return before;
  };
  // A file that is written in place is empty for a moment, then half there.
  const loadAgain = async () => {
    await setTimeout(SETTLE_MS);
    return load();
  };
  const reload = async () => {
    if (closed) return;
    try {
      const before = await load().catch(() => loadAgain());
      if ([...paths].some(([key, path]) => before.get(key) !== path)) onChange();
    } catch (error) {
      onError(error instanceof Error ? error : new Error(String(error)));
    }
  };

  // One after the other, so that the newest file is read last; watched before it is read, so that no change falls between.
  let queue: Promise<unknown> = Promise.resolve();
  const enqueue = (job: () => Promise<unknown>) => {
    queue = queue.then(job, job);
    return queue;
  };
  const watch = watchFile(file, () => void enqueue(reload));
  const close = async () => {
    closed = true;
    watch.close();
    await Promise.allSettled([queue]);
    OpenFeature.setProvider(domain, NOOP_PROVIDER);
  };
  try {
    await enqueue(load);
  } catch (cause) {
    await close();
    throw new CustodyError('MISCONFIGURED', cause instanceof Error ? cause.message : String(cause), { cause });
  }
  return {
    pathOf(keyId) {
      const path = paths.get(keyId);
      if (path === undefined) throw missing(file, keyId);
      return path;
    },
    close,
  };
}

function readPaths(file: string, required: readonly string[]): ReadonlyMap<string, CustodyPath> {
  const text = readRegularText(file, file, { mostBytes: MOST_BYTES });
  const paths = new Map(Object.entries(parseYaml(text, flagsSchema, file).paths));
  for (const keyId of required) if (!paths.has(keyId)) throw missing(file, keyId);
  return paths;
}

function missing(file: string, keyId: string): CustodyError {
  return new CustodyError('MISCONFIGURED', `${file}: paths: expected the key ${keyId}, got nothing`);
}

const flagOf = (path: CustodyPath) => ({
  variants: Object.fromEntries(PATHS.map((one) => [one, one])),
  defaultVariant: path,
  disabled: false,
});

async function evaluate(client: Client, keyIds: readonly string[]): Promise<ReadonlyMap<string, CustodyPath>> {
  const details = await Promise.all(keyIds.map((keyId) => client.getStringDetails(keyId, '')));
  return new Map(details.map(({ flagKey, value }) => [flagKey, pathSchema.parse(value)]));
}
