import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { Keypair } from '@stellar/stellar-sdk/base';
import type { EvmChainConfig, EvmTreasury } from '../../src/config/chains.ts';
import type { CrashPoint } from '../../src/engine/crash-points.ts';
import { type EngineDatabase, startEngineDatabase } from './database.ts';
import { type EvmWorld, startEvmWorld } from './evm-world.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { createLaneSigner, type LaneSigner } from './lane-signer.ts';
import { readMetric } from './metric.ts';
import { createPasserBy } from './passer-by.ts';
import { type RunningEngine, runEngine } from './run-engine.ts';

/** An engine on anvil, by way of a proxy; everything but the database is new for each test. */
export interface EvmStand {
  readonly database: EngineDatabase;
  readonly world: EvmWorld;
  readonly proxy: FaultProxy;
  readonly signer: LaneSigner;
  readonly engine: RunningEngine;
  /** The chain as the engine has it. */
  readonly chain: EvmChainConfig;
  /** Starts the engine; nothing is mined yet. */
  start(treasury?: Partial<EvmTreasury>, changes?: Partial<EvmChainConfig>): void;
  /** Mines from now on. */
  mine(): void;
  once(point: CrashPoint, act: () => void | Promise<void>): void;
  metric(name: string, labels: Record<string, string>): Promise<number>;
}

export function useEvmStand(): EvmStand {
  const passerBy = createPasserBy();
  let database: EngineDatabase;
  let world: EvmWorld;
  let proxy: FaultProxy;
  let signer: LaneSigner;
  let engine: RunningEngine;
  let stopBlocks: (() => void) | undefined;

  beforeAll(async () => {
    database = await startEngineDatabase();
  });
  beforeEach(async () => {
    await database.clear();
    world = await startEvmWorld();
    proxy = await startFaultProxy(world.url);
    const { privateKey: evmPrivateKey, address: evmAddress } = world;
    signer = createLaneSigner({ stellarSeed: Keypair.random().secret(), evmPrivateKey, evmAddress });
    passerBy.forget();
  });
  afterEach(async () => {
    await engine.stop();
    stopBlocks?.();
    stopBlocks = undefined;
    await proxy.close();
    await world.stop();
  });
  afterAll(() => database.stop());

  const chain = (): EvmChainConfig => ({ ...world.chain, rpcUrl: proxy.url });
  return {
    get database() {
      return database;
    },
    get world() {
      return world;
    },
    get proxy() {
      return proxy;
    },
    get signer() {
      return signer;
    },
    get engine() {
      return engine;
    },
    get chain() {
      return chain();
    },
    start: (treasury = {}, changes = {}) => {
      const treasuries = chain().treasuries.map((each) => ({ ...each, ...treasury }));
      engine = runEngine({ database, chains: [{ ...chain(), ...changes, treasuries }], signer, at: passerBy.at });
    },
    mine: () => {
      stopBlocks = world.runBlocks();
    },
    once: passerBy.once,
    metric: (name, labels) => readMetric(engine, name, labels),
  };
}
