import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Keypair } from '@stellar/stellar-sdk/base';
import { type EngineDatabase, startEngineDatabase } from '../../../testing/engine/database.ts';
import { type EvmWorld, newEvmAddress, startEvmWorld } from '../../../testing/engine/evm-world.ts';
import { createLaneSigner } from '../../../testing/engine/lane-signer.ts';
import { evmAttemptsOf } from '../../../testing/engine/records.ts';
import { type EngineRun, runDoomedEngine, runEngine } from '../../../testing/engine/run-engine.ts';
import { CRASH_POINTS } from '../crash-points.ts';

const POINTS = CRASH_POINTS.filter((point) => point.startsWith('evm.'));

describe('kill -9', () => {
  let database: EngineDatabase;
  let world: EvmWorld;
  let run: EngineRun;
  let stopBlocks: () => void;

  beforeAll(async () => {
    database = await startEngineDatabase();
  });
  afterAll(() => database.stop());

  beforeEach(async () => {
    await database.clear();
    world = await startEvmWorld();
    const { privateKey: evmPrivateKey, address: evmAddress } = world;
    const signer = createLaneSigner({ stellarSeed: Keypair.random().secret(), evmPrivateKey, evmAddress });
    run = { database, chains: [world.chain], signer };
    stopBlocks = world.runBlocks();
  });
  afterEach(async () => {
    stopBlocks();
    await world.stop();
  });

  test.each(POINTS)('at %s: the next engine goes on by itself, and each payout is paid once', async (point) => {
    const to = [newEvmAddress(), newEvmAddress(), newEvmAddress()];
    const doomed = runDoomedEngine(run, point, 2);
    const ids = await database.accept(...to.map((address, i) => world.want(address, BigInt(i + 1))));
    await doomed.killed;

    const engine = runEngine(run);
    await database.reached(ids, 'completed');
    await engine.stop();
    for (const [i, address] of to.entries()) expect(await world.balance(address)).toBe(BigInt(i + 1));
    const nonces = new Set((await evmAttemptsOf(database, ids)).map(({ nonce }) => nonce));
    expect(nonces).toEqual(new Set([0n, 1n, 2n]));
  });
});
