import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { CrashPoint } from '../../src/engine/crash-points.ts';
import { type EngineDatabase, startEngineDatabase } from './database.ts';
import { createLaneSigner, type LaneSigner } from './lane-signer.ts';
import { readMetric } from './metric.ts';
import { createPasserBy } from './passer-by.ts';
import { attemptsOf } from './records.ts';
import { type RunningEngine, runEngine } from './run-engine.ts';
import { type StellarWorld, type StellarWorldOptions, startStellarWorld } from './stellar-world.ts';
import { waitFor } from './wait-for.ts';

/** An engine on a ledger whose ledgers close by themselves; everything but the database is new for each test. */
export interface StellarStand {
  readonly database: EngineDatabase;
  readonly world: StellarWorld;
  readonly signer: LaneSigner;
  readonly engine: RunningEngine;
  /** Starts over in another world. */
  beginAgain(options: StellarWorldOptions): Promise<void>;
  /** Runs the engine against another RPC server of the same ledger. */
  restartThrough(rpcUrl: string): Promise<void>;
  once(point: CrashPoint, act: () => void | Promise<void>): void;
  /** Waits until the network has had the `nth` attempt, then closes a ledger far behind its maxTime. */
  letExpire(ids: readonly string[], nth: number): Promise<void>;
  metric(name: string, labels: Record<string, string>): Promise<number>;
}

/** `defaults`: the world of each test that does not begin again in another one. */
export function useStellarStand(defaults: StellarWorldOptions = {}): StellarStand {
  const passerBy = createPasserBy();
  let database: EngineDatabase;
  let world: StellarWorld;
  let signer: LaneSigner;
  let engine: RunningEngine;
  let stopLedgers: () => void;

  const begin = async (options = defaults) => {
    await database.clear();
    world = await startStellarWorld(options);
    signer = createLaneSigner({
      stellarSeed: world.keys.stellar.seed,
      evmPrivateKey: `0x${world.keys.evm.seed}`,
      evmAddress: world.keys.evm.address,
    });
    stopLedgers = world.runLedgers();
    passerBy.forget();
    start(world.rpc.url);
  };
  const start = (rpcUrl: string) => {
    const chains = [{ ...world.chain, rpcUrl }];
    engine = runEngine({ database, chains, signer, now: world.now, at: passerBy.at });
  };
  const end = async () => {
    await engine.stop();
    stopLedgers();
    await world.stop();
  };

  beforeAll(async () => {
    database = await startEngineDatabase();
  });
  beforeEach(() => begin());
  afterEach(end);
  afterAll(() => database.stop());

  return {
    get database() {
      return database;
    },
    get world() {
      return world;
    },
    get signer() {
      return signer;
    },
    get engine() {
      return engine;
    },
    beginAgain: async (options) => {
      await end();
      await begin(options);
    },
    restartThrough: async (rpcUrl) => {
      await engine.stop();
      start(rpcUrl);
    },
    once: passerBy.once,
    letExpire: async (ids, nth) => {
      const had = async () => {
        const attempts = await attemptsOf(database, ids);
        const last = attempts.at(-1);
        return attempts.length === nth && last?.state === 'signed' && last.sent;
      };
      await waitFor(had, () => `attempt ${nth} was not sent`);
      world.close(300);
    },
    metric: (name, labels) => readMetric(engine, name, labels),
  };
}
