import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { deployToken, heldBy, newContract, sorobanWorld } from '../../../../testing/engine/contracts.ts';
import { type EngineDatabase, startEngineDatabase } from '../../../../testing/engine/database.ts';
import { createLaneSigner, type LaneSigner } from '../../../../testing/engine/lane-signer.ts';
import { attemptsOf } from '../../../../testing/engine/records.ts';
import { type EngineRun, runDoomedEngine, runEngine } from '../../../../testing/engine/run-engine.ts';
import { type StellarWorld, startStellarWorld } from '../../../../testing/engine/stellar-world.ts';
import { waitFor } from '../../../../testing/engine/wait-for.ts';
import { CRASH_POINTS, type CrashPoint } from '../../crash-points.ts';

const XLM = 10_000_000n;
const OF_EXPIRY: readonly CrashPoint[] = ['stellar.expiry.proven', 'stellar.expiry.stored'];
const OF_END = CRASH_POINTS.filter((point) => point.startsWith('soroban.expiry.'));
const ON_THE_WAY = CRASH_POINTS.filter(
  (point) =>
    (point.startsWith('soroban.') || point.startsWith('stellar.')) &&
    point !== 'stellar.intake.planned' &&
    !OF_END.includes(point),
);

describe('kill -9 with payouts by contract call', () => {
  let database: EngineDatabase;
  let world: StellarWorld;
  let signer: LaneSigner;
  let run: EngineRun;
  let token: string;
  let stopLedgers: () => void;

  beforeAll(async () => {
    database = await startEngineDatabase();
  });
  afterAll(() => database.stop());

  const begin = async (authorizationLedgers: bigint) => {
    world = await startStellarWorld(sorobanWorld({ authorizationLedgers }));
    token = deployToken(world);
    signer = createLaneSigner({
      stellarSeed: world.keys.stellar.seed,
      evmPrivateKey: `0x${world.keys.evm.seed}`,
      evmAddress: world.keys.evm.address,
    });
    run = { database, chains: [world.chain], signer, now: world.now };
    stopLedgers = world.runLedgers();
  };

  beforeEach(() => database.clear());
  afterEach(async () => {
    stopLedgers();
    await world.stop();
  });

  test.each(ON_THE_WAY)('at %s: the next engine goes on by itself, and each payout is paid once', async (point) => {
    await begin(400n);
    const contracts = [newContract(), newContract()];
    if (OF_EXPIRY.includes(point)) world.rpc.faults.add({ fault: { kind: 'lose' }, times: 1 });
    const doomed = runDoomedEngine(run, point);
    const ids = await database.accept(...contracts.map((contract, i) => world.want(contract, BigInt(i + 2) * XLM)));
    if (OF_EXPIRY.includes(point)) {
      await waitFor(
        async () => (await attemptsOf(database, ids)).some(({ sent }) => sent),
        () => 'nothing was sent',
      );
      world.close(300);
    }
    await doomed.killed;

    const engine = runEngine(run);
    await database.reached(ids, 'completed');
    await engine.stop();
    expect(contracts.map((contract) => heldBy(world, token, contract))).toEqual([2n * XLM, 3n * XLM]);
    for (const id of ids) {
      const attempts = await attemptsOf(database, [id]);
      expect(attempts.filter(({ state }) => state === 'succeeded')).toHaveLength(1);
    }
  });

  test.each(OF_END)('at %s: the next engine ends the payout unpaid, and pays the next one', async (point) => {
    await begin(30n);
    const [contract, other] = [newContract(), newContract()];
    world.rpc.faults.add({ fault: { kind: 'lose' } });
    const doomed = runDoomedEngine(run, point);
    const ids = await database.accept(world.want(contract, XLM));
    await waitFor(
      async () => (await attemptsOf(database, ids)).some(({ sent }) => sent),
      () => 'nothing was sent',
    );
    world.close(300);
    await doomed.killed;

    world.rpc.faults.clear();
    const engine = runEngine(run);
    const [payout] = await database.reached(ids, 'failed');
    expect(payout?.reason_code).toBe('AUTHORIZATION_EXPIRED');
    await database.reached(await database.accept(world.want(other, XLM)), 'completed');
    await engine.stop();
    expect([contract, other].map((each) => heldBy(world, token, each))).toEqual([0n, XLM]);
  });

  test('again and again, at one point after the other: each payout is paid once', async () => {
    await begin(400n);
    const contracts = Array.from({ length: 6 }, newContract);
    const [account = ''] = await world.newAccounts(1);
    const ids = await database.accept(
      ...contracts.map((contract) => world.want(contract, XLM)),
      ...contracts.map(() => world.want(account, XLM)),
    );
    for (const point of ON_THE_WAY.filter((each) => !OF_EXPIRY.includes(each))) {
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
    for (const contract of contracts) expect(heldBy(world, token, contract)).toBe(XLM);
    expect(world.balance(account)).toBe(16n * XLM);
  });
});
