import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Keypair } from '@stellar/stellar-sdk/base';
import { type EngineDatabase, startEngineDatabase } from '../../../testing/engine/database.ts';
import { type IssuedAsset, issueAsset } from '../../../testing/engine/issued-asset.ts';
import { createLaneSigner, type LaneSigner } from '../../../testing/engine/lane-signer.ts';
import { attemptsOf } from '../../../testing/engine/records.ts';
import { type EngineRun, runDoomedEngine, runEngine } from '../../../testing/engine/run-engine.ts';
import { type StellarWorld, startStellarWorld } from '../../../testing/engine/stellar-world.ts';
import { waitFor } from '../../../testing/engine/wait-for.ts';
import { CRASH_POINTS, type CrashPoint } from '../crash-points.ts';

const XLM = 10_000_000n;
const POINTS = CRASH_POINTS.filter((point) => point.startsWith('stellar.'));
const OF_EXPIRY: readonly CrashPoint[] = ['stellar.expiry.proven', 'stellar.expiry.stored'];

describe('kill -9', () => {
  let database: EngineDatabase;
  let world: StellarWorld;
  let signer: LaneSigner;
  let run: EngineRun;
  let stopLedgers: () => void;
  let usdc: IssuedAsset;
  let holder: string;

  beforeAll(async () => {
    database = await startEngineDatabase();
  });
  afterAll(() => database.stop());

  beforeEach(async () => {
    await database.clear();
    world = await startStellarWorld();
    signer = createLaneSigner({
      stellarSeed: world.keys.stellar.seed,
      evmPrivateKey: `0x${world.keys.evm.seed}`,
      evmAddress: world.keys.evm.address,
    });
    run = { database, chains: [world.chain], signer, now: world.now };
    stopLedgers = world.runLedgers();
    usdc = await issueAsset(world, { toTreasury: '100' });
    holder = (await usdc.newHolder()).publicKey();
  });
  afterEach(async () => {
    stopLedgers();
    await world.stop();
  });

  test.each(POINTS)('at %s: the next engine goes on by itself, and each payout is paid once', async (point) => {
    const [known = ''] = await world.newAccounts(1);
    const created = Keypair.random().publicKey();
    if (OF_EXPIRY.includes(point)) world.rpc.faults.add({ fault: { kind: 'lose' }, times: 1 });
    const doomed = runDoomedEngine(run, point);
    const ids = await database.accept(
      world.want(known, 2n * XLM),
      world.want(created, 3n * XLM),
      world.want(known, 5n * XLM),
      usdc.want(holder, 7n),
    );
    if (OF_EXPIRY.includes(point)) {
      await waitFor(
        async () => (await attemptsOf(database, ids))[0]?.sent === true,
        () => 'nothing was sent',
      );
      world.close(300);
    }
    await doomed.killed;

    const engine = runEngine(run);
    await database.reached(ids, 'completed');
    await engine.stop();
    expect([world.balance(known), world.balance(created)]).toEqual([17n * XLM, 3n * XLM]);
    expect(usdc.balance(holder)).toBe(7n);
    for (const together of [ids.slice(0, 3), ids.slice(3)]) {
      const attempts = await attemptsOf(database, together);
      expect(attempts.filter(({ state }) => state === 'succeeded')).toHaveLength(1);
    }
  });

  test('again and again, at one point after the other: each payout is paid once', async () => {
    const accounts = await world.newAccounts(8);
    const ids = await database.accept(
      ...accounts.map((account, i) => world.want(account, XLM, { type: 'id', value: String(i % 3) })),
    );
    for (const point of POINTS.filter((each) => !OF_EXPIRY.includes(each))) {
      const doomed = runDoomedEngine(run, point);
      const done = database.reached(ids, 'completed').then(() => 'done' as const);
      const end = await Promise.race([doomed.killed.then(() => 'killed' as const), done]);
      done.catch(() => undefined);
      if (end === 'done') {
        await doomed.stop();
        break;
      }
    }
    const engine = runEngine(run);
    await database.reached(ids, 'completed');
    await engine.stop();
    for (const account of accounts) expect(world.balance(account)).toBe(11n * XLM);
  });
});
