import { readTlsFiles } from '@countersign/contract/grpc';
import { createHealthService } from '@countersign/contract/health-service';
import type { Registry } from '@countersign/custody/registry';
import { createLogger, type Logger } from '@countersign/runtime/log';
import { createMetrics } from '@countersign/runtime/metrics';
import { migrate } from '@countersign/runtime/migrations';
import { startObservabilityServer } from '@countersign/runtime/observability-server';
import { assertDurable } from '@countersign/runtime/postgres';
import { openAudit } from './audit/open-audit.ts';
import type { SignerConfig } from './config/config.ts';
import type { SignerContext } from './context.ts';
import { openCustody } from './custody/open-custody.ts';
import { bindKeys, registerKeys } from './custody/register-keys.ts';
import { watchFreezes } from './freeze/watch-freezes.ts';
import { signerMetrics } from './metrics.ts';
import { demandNewest } from './policy/demand-newest.ts';
import { loadPolicy, watchedFiles } from './policy/load-policy.ts';
import { openPolicy, type PolicyInForce } from './policy/policy-in-force.ts';
import { putInForce } from './policy/put-in-force.ts';
import { createShadow } from './shadow/shadow.ts';
import { openPool } from './store/open-pool.ts';
import { type Committed, createStore } from './store/store.ts';
import { startWall } from './wall/server.ts';

const SERVICE = 'countersign.signer.v1.SignerService';
// Below the deadline that callers set, so that they hear the reason.
const SIGN_TIMEOUT_MS = 8_000;

export interface Signer extends AsyncDisposable {
  /** Of the wall, and of the listener for metrics and probes. */
  readonly port: number;
  readonly metricsPort: number;
  /** Reads the policy bundle again, as a change of its files does. */
  reloadPolicy(): Promise<void>;
}

/** What a test may put in the place of a real part. */
export interface SignerOverrides {
  readonly clock?: () => Date;
  readonly log?: Logger;
  /** Some time after seeds have been forgotten, to rid the memory of what is left of them. */
  readonly onForgotten?: () => void;
  /** Wraps the opened keys, for example to inject a fault. */
  readonly keys?: (registry: Registry) => Registry;
}

/**
 * Starts a signer: all is checked first, and it listens last. Whatever is wrong stops the start and closes what was opened.
 *
 * @throws ConfigError, CustodyError naming the variable, the file and line, or the key.
 */
export async function createSigner(config: SignerConfig, overrides: SignerOverrides = {}): Promise<Signer> {
  await using opened = new AsyncDisposableStack();
  const clock = overrides.clock ?? (() => new Date());
  const log = overrides.log ?? createLogger({ service: 'signer', level: config.logLevel });
  const registry = createMetrics('signer');
  const metrics = signerMetrics(registry);

  // What would stop the start later is looked at before a new policy is put in force for all replicas.
  readTlsFiles(config.tls);
  if (config.policyFiles.signed === undefined)
    log.warn('policies need no signatures: POLICY_SIGNATURES_FILE is not set');
  const onError = (err: Error) => log.warn({ err }, 'database connection lost');
  const pool = opened.adopt(
    openPool({ url: config.databaseUrl, applicationName: `countersign-${config.replica}`, onError }),
    (pool) => pool.end(),
  );
  await migrate(pool, new URL('../migrations/', import.meta.url));
  await assertDurable(pool);
  const audit = opened.adopt(
    await openAudit({ pool, chain: config.replica, config: config.audit, registry, log }),
    (audit) => audit.close(),
  );
  const store = createStore(pool, audit.lease, showCommitted);

  const custody = opened.use(
    await openCustody({ config, store, metrics, log, clock, wrap: overrides.keys, onForgotten: overrides.onForgotten }),
  );
  await registerKeys(pool, [...custody.keys.values()]);
  const policy = opened.use(
    await openPolicy({
      first: config.policy,
      load: () => loadPolicy(config.policyFiles, clock()),
      files: watchedFiles(config.policyFiles),
      openCustodies: custody.openCustodies,
      accept: (loaded) => putInForce(store, loaded, clock()),
      onChange: (inForce) => {
        showPolicy(inForce);
        custody.reconsider();
      },
      onError: onPolicyError,
      onWaiting: onPolicyWaiting,
      onSame: () => metrics.policyWaiting.set(0),
    }),
  );
  showPolicy(policy.inForce());
  const paths = await custody.start(policy);
  await bindKeys(pool, [...custody.keys.values()]);
  const shadow = opened.use(createShadow({ store, metrics, log, clock, timeoutMs: SIGN_TIMEOUT_MS }));
  const { keys } = custody;
  const context: SignerContext = {
    keys,
    paths,
    store,
    audit,
    shadow,
    metrics,
    log,
    clock,
    policy,
    signTimeoutMs: SIGN_TIMEOUT_MS,
  };

  opened.adopt(
    watchFreezes({
      pool,
      store,
      onSeen: (frozen) => frozen.forEach((is, key) => void metrics.keyFrozen.set({ key }, is ? 1 : 0)),
      onError: (err) => log.error({ err }, 'frozen keys not looked at; reservations look by themselves'),
    }),
    (watch) => watch.close(),
  );
  const health = createHealthService();
  const wall = opened.adopt(await startWall(config, context, health), (wall) => {
    health.shutdown();
    return wall.close();
  });
  const observability = opened.adopt(
    await startObservabilityServer({
      ...config.observability,
      metrics: registry,
      checks: {
        database: async () => void (await pool.query('select 1')),
        policy: () => demandNewest(pool, policy.inForce().version),
        audit: async () => audit.assertReady(),
      },
      onCheckFailed: (name, err) => log.warn({ err, check: name }, 'not ready'),
    }),
    (server) => server.close(),
  );
  for (const service of ['', SERVICE]) health.set(service, true);
  log.info({ port: wall.port, metricsPort: observability.port }, 'the signer is ready');

  const kept = opened.move();
  return {
    port: wall.port,
    metricsPort: observability.port,
    reloadPolicy: () => policy.reload(),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };

  function showCommitted({ height, remaining }: Committed): void {
    metrics.chainHeight.set(Number(height));
    audit.appended(height);
    for (const { key, measure, seconds, ratio } of remaining) {
      metrics.spendRemaining.set({ key, asset: measure, window: `${seconds}s` }, ratio);
    }
  }

  function showPolicy({ version, digest, signedBy }: PolicyInForce): void {
    metrics.policyWaiting.set(0);
    metrics.policyVersion.set(Number(version));
    log.info({ version, digest, signedBy }, 'policy in force');
  }

  function onPolicyWaiting(err: unknown): void {
    metrics.policyWaiting.set(1);
    log.warn({ err }, 'changed policy files wait for the database or for a place of keys, which will be asked again');
  }

  function onPolicyError(err: unknown): void {
    metrics.policyWaiting.set(0);
    metrics.policyErrors.inc();
    log.error({ err }, 'policy refused; the one before stays in force');
  }
}
