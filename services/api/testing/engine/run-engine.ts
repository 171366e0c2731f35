import { createLogger } from '@countersign/runtime/log';
import { createPool } from '@countersign/runtime/postgres';
import { Registry } from 'prom-client';
import type { ChainConfig } from '../../src/config/chains.ts';
import type { CrashPoint } from '../../src/engine/crash-points.ts';
import { createEngine, type EngineDeps } from '../../src/engine/engine.ts';
import type { Timing } from '../../src/engine/timing.ts';
import type { EngineDatabase } from './database.ts';

/** Quick enough for a test, in the proportions of the real ones. */
export const QUICK: Timing = {
  pollMs: 15,
  resendMs: 100,
  idleMs: 250,
  quarantineMs: 40,
  limitHoldMs: 100,
  rpcTimeoutMs: 1_000,
  signDeadlineMs: 1_000,
  backoffMs: { first: 10, longest: 60 },
};

export interface RunningEngine {
  readonly metrics: Registry;
  readonly log: readonly Readonly<Record<string, unknown>>[];
  /** Lets the steps under way end. */
  stop(): Promise<void>;
}

export interface EngineRun {
  readonly database: EngineDatabase;
  readonly chains: readonly ChainConfig[];
  readonly signer: EngineDeps['signer'];
  readonly now?: () => Date;
  readonly timing?: Partial<Timing>;
  readonly at?: (point: CrashPoint) => void | Promise<void>;
}

/** An engine as a process of its own would run it: over its own connections. */
export function runEngine({ database, chains, signer, now, timing, at }: EngineRun): RunningEngine {
  const log: Readonly<Record<string, unknown>>[] = [];
  const metrics = new Registry();
  const pool = createPool({ url: database.url, applicationName: 'engine', max: 12 });
  const engine = createEngine({
    pool,
    chains: { chains },
    signer,
    metrics,
    log: logInto(log),
    timing: { ...QUICK, ...timing },
    ...(now !== undefined && { now }),
    ...(at !== undefined && { hooks: { at } }),
  });
  engine.start();
  return {
    metrics,
    log,
    stop: async () => {
      await engine.stop();
      await pool.end();
    },
  };
}

export interface DoomedEngine {
  /** Resolves when it was killed. */
  readonly killed: Promise<void>;
  /** For a run that never came to the point. */
  stop(): Promise<void>;
}

let lives = 0;

/**
 * An engine that dies when it comes to a point for the `nth` time: from then on it does nothing more, and its database
 * connections break off, as under kill -9.
 */
export function runDoomedEngine(run: EngineRun, point: CrashPoint, nth = 1): DoomedEngine {
  const { database, chains, signer, now, timing } = run;
  const applicationName = `doomed-${++lives}`;
  // A connection that it still waits for when it dies must not outlive the test.
  const pool = createPool({ url: database.url, applicationName, max: 12, connectTimeoutMs: 500 });
  let left = nth;
  let dead = false;
  let tell: () => void = () => undefined;
  const killed = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const kill = async () => {
    void engine.stop();
    void pool.end().catch(() => undefined);
    // Until nothing of it is left: a connection may just be opening.
    for (let quiet = 0; quiet < 3; ) {
      const { rows } = await database.pool.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1',
        [applicationName],
      );
      quiet = rows.length === 0 ? quiet + 1 : 0;
    }
    tell();
  };
  const engine = createEngine({
    pool,
    chains: { chains },
    signer,
    metrics: new Registry(),
    log: logInto([]),
    timing: { ...QUICK, ...timing },
    ...(now !== undefined && { now }),
    hooks: {
      at: (reached) => {
        if (!dead && (reached !== point || --left > 0)) return undefined;
        if (!dead) {
          dead = true;
          void kill();
        }
        return new Promise<never>(() => undefined);
      },
    },
  });
  engine.start();
  return {
    killed,
    stop: async () => {
      if (dead) return;
      await engine.stop();
      await pool.end();
    },
  };
}

function logInto(lines: Readonly<Record<string, unknown>>[]) {
  return createLogger({
    service: 'api',
    level: 'info',
    destination: { write: (line) => void lines.push(JSON.parse(line)) },
  });
}
