import { type CustodyPath, openPathFlag } from '@countersign/custody/flag';
import type { Registry } from '@countersign/custody/registry';
import type { Logger } from '@countersign/runtime/log';
import type { SignerConfig } from '../config/config.ts';
import type { SignerMetrics } from '../metrics.ts';
import type { PolicySource } from '../policy/policy-in-force.ts';
import type { Store } from '../store/store.ts';
import { changePath } from './change-path.ts';
import { coreDumpsAllowed } from './core-dumps.ts';
import { type CustodyPaths, openCustodyPaths, type PathChange } from './custody-paths.ts';
import { openKeys } from './open-keys.ts';
import { startPaths } from './start-paths.ts';

/** The keys of this replica, and the way each of them signs. */
export interface Custody extends AsyncDisposable {
  readonly keys: Registry['keys'];
  readonly openCustodies: Registry['openCustodies'];
  /**
   * Puts in force what the flags ask for, with the event of the start; from then on follows them.
   * @throws ConfigError where policy does not allow it
   */
  start(policy: Pick<PolicySource, 'inForce'>): Promise<Pick<CustodyPaths, 'pathOf'>>;
  /** Policy has changed: a path that was refused may be allowed. */
  reconsider(): void;
}

export interface CustodyOptions {
  readonly config: SignerConfig;
  readonly store: Store;
  readonly metrics: SignerMetrics;
  readonly log: Logger;
  readonly clock: () => Date;
  /** Told some time after a seed has been forgotten, once for all those that were. */
  readonly onForgotten?: (() => void) | undefined;
  /** Wraps the opened keys. */
  readonly wrap?: ((registry: Registry) => Registry) | undefined;
}

const NOT_CHANGED = 'custody path not changed; the one before stays in force';
const FORGOTTEN_MS = 2_000;
const PATHS = ['legacy', 'shadow', 'kms'] as const satisfies readonly CustodyPath[];

/** @throws ConfigError, CustodyError naming the file or the key. */
export async function openCustody(options: CustodyOptions): Promise<Custody> {
  const { config, store, metrics, log, clock, onForgotten = () => {}, wrap = (registry) => registry } = options;
  await using opened = new AsyncDisposableStack();
  let paths: CustodyPaths | undefined;
  let forgotten: NodeJS.Timeout | undefined;
  const reconsider = () => void paths?.reconsider();
  const keyIds = Object.keys(config.policy.keys.keys);
  const flag = opened.adopt(await openPathFlag(config.flagsFile, keyIds, reconsider, onFlagError), (flag) =>
    flag.close(),
  );
  const wanted = () => new Map(keyIds.map((key) => [key, flag.pathOf(key)]));
  const first = wanted();
  const registry = opened.adopt(wrap(await openKeys(config, first, showCircuit)), (registry) => registry.close());
  const kept = opened.move();

  return {
    keys: registry.keys,
    openCustodies: registry.openCustodies,
    reconsider,
    async start(policy) {
      await startPaths(store, policy.inForce(), first, clock());
      for (const [key, path] of first) showPath(key, path);
      log.info({ paths: Object.fromEntries(first) }, 'custody paths in force');
      if ([...first.values()].some((path) => path !== 'kms') && coreDumpsAllowed())
        log.warn(
          'seeds are in memory, and a crash may bring them out: set the limit of core files to 0 (ulimit -c 0), and give them to no program (kernel.core_pattern)',
        );
      paths = openCustodyPaths({
        first,
        wanted: (key) => flag.pathOf(key),
        accept: (change) => changePath(store, registry, policy.inForce(), change, clock()),
        onChange,
        onRefused: (change, problem) => log.error({ ...change, problem }, NOT_CHANGED),
        onWaiting: (change, err) => log.warn({ ...change, err }, NOT_CHANGED),
        onLook: (key, isPending) => metrics.custodyPathPending.set({ key }, isPending ? 1 : 0),
      });
      // What the file has said since it was first read.
      reconsider();
      return paths;
    },
    [Symbol.asyncDispose]: async () => {
      clearTimeout(forgotten);
      await paths?.[Symbol.asyncDispose]();
      await kept.disposeAsync();
    },
  };

  function onChange({ key, from, to }: PathChange): void {
    // Whoever had the legacy custody in hand has signed by now: nothing is awaited between the two.
    if (to === 'kms') {
      registry.closeLegacy(key);
      clearTimeout(forgotten);
      forgotten = setTimeout(onForgotten, FORGOTTEN_MS).unref();
    }
    log.warn({ key, from, to }, 'custody path changed');
    showPath(key, to);
  }

  function showPath(key: string, path: CustodyPath): void {
    for (const one of PATHS) metrics.custodyPath.set({ key, path: one }, one === path ? 1 : 0);
  }

  function showCircuit(custody: string, isOpen: boolean): void {
    metrics.circuitOpen.set({ custody }, isOpen ? 1 : 0);
    log[isOpen ? 'error' : 'warn']({ custody }, isOpen ? 'key backend is down' : 'key backend answers again');
  }

  function onFlagError(err: Error): void {
    metrics.flagErrors.inc();
    log.error({ err }, 'flags file refused; the state before stays in force');
  }
}
