import type { Backend } from './backend.ts';
import { CustodyError } from './error.ts';
import type { KeyConfig, KeysConfig } from './keys-config.ts';
import { named, pinned } from './pinned.ts';
import { createProviders } from './providers.ts';
import type { Surroundings } from './surroundings.ts';

/** The `kms` custodies of all keys of a keys file, and the places that they are in. */
export interface KmsCustodies {
  /** By key id. */
  readonly backends: ReadonlyMap<string, Backend>;
  /** Whether keys sign by them: only then anybody is told of their circuits. */
  use(isInUse: boolean): void;
  close(): Promise<void>;
}

/**
 * Opens them. One that cannot be opened, or that holds another key than the pinned one, stops it all; what was opened is closed
 * again.
 * @throws CustodyError `MISCONFIGURED` or `UNAVAILABLE`, naming the key id
 */
export async function openKmsCustodies(config: KeysConfig, surroundings: Surroundings): Promise<KmsCustodies> {
  const { openTimeoutMs = 15_000, onCircuit = () => {} } = surroundings;
  const circuits = circuitsOf(onCircuit);
  const providers = createProviders({ ...surroundings, onCircuit: circuits.tell }, config);
  const signal = AbortSignal.timeout(openTimeoutMs);
  const open = async (id: string, { algorithm, public_key: publicKey, custodies: { kms } }: KeyConfig) => {
    if (kms === undefined) return [];
    try {
      const backend = await providers.at(kms).open(algorithm, signal);
      return [[id, pinned(Buffer.from(publicKey, 'hex'), backend)] as const];
    } catch (error) {
      throw named(id, error);
    }
  };
  // In the order of the file, whichever is open first.
  const settled = await Promise.allSettled(Object.entries(config.keys).map(([id, key]) => open(id, key)));
  const backends = new Map(settled.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])));
  const close = async () => {
    await Promise.all([...backends.values()].map((backend) => backend.close()));
    await providers.close();
  };
  const failures = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  if (failures.length > 0) {
    await close().catch(ignored);
    // What is wrong for good is not hidden by a place that does not answer.
    throw failures.find((error) => !isRetryable(error)) ?? failures[0];
  }
  return { backends, use: circuits.use, close };
}

const isRetryable = (error: unknown): boolean => error instanceof CustodyError && error.retryable;

/** How a place that nobody signs by is let go of changes nothing. */
export const ignored = (): void => {};

/** What is told of circuits: nothing of those that nobody signs by. */
function circuitsOf(onCircuit: NonNullable<Surroundings['onCircuit']>) {
  const open = new Set<string>();
  let inUse = false;
  return {
    tell(place: string, isOpen: boolean): void {
      if (isOpen) open.add(place);
      else open.delete(place);
      if (inUse) onCircuit(place, isOpen);
    },
    use(isInUse: boolean): void {
      if (inUse !== isInUse) for (const place of open) onCircuit(place, isInUse);
      inUse = isInUse;
    },
  };
}
