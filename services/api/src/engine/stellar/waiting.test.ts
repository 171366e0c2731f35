import { stellarChainId } from '@countersign/chains/caip';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type EngineDatabase, startEngineDatabase } from '../../../testing/engine/database.ts';
import { payoutsToTry, postpone } from './waiting.ts';

const PASSPHRASE = 'Standalone Network ; February 2017';

let database: EngineDatabase;

beforeAll(async () => {
  database = await startEngineDatabase();
});
beforeEach(() => database.clear());
afterAll(() => database.stop());

const context = () => ({
  pool: database.pool,
  chain: {
    kind: 'stellar' as const,
    chain: stellarChainId(PASSPHRASE),
    networkPassphrase: PASSPHRASE,
    rpcUrl: 'http://127.0.0.1:1',
    treasuries: [],
  },
  treasury: {
    key: 'treasury-stellar',
    account: 'G',
    channels: [],
    inclusionFee: 100n,
    maxInclusionFee: 100n,
    lifetimeSeconds: 120,
  },
});

/** One after the other, so that each is younger than the one before. */
async function accept(...amounts: readonly bigint[]): Promise<string[]> {
  const ids: string[] = [];
  for (const [i, amount] of amounts.entries()) {
    const wanted = { chain: 'stellar:standalone', asset: 'stellar:standalone/slip44:148', key: 'treasury-stellar' };
    const [id = ''] = await database.accept({ ...wanted, destination: 'G', amount });
    await database.pool.query(`update payouts set created_at = now() - $2 * interval '1 s' where id = $1`, [
      id,
      100 - i,
    ]);
    ids.push(id);
  }
  return ids;
}

const order = async (affordable: bigint, limit = 10) =>
  (await payoutsToTry(context(), affordable, limit)).map(({ id }) => id);

test('the oldest first, but those that the treasury cannot afford last', async () => {
  const [small, large, other] = await accept(1n, 100n, 2n);
  expect(await order(99n)).toEqual([small, other, large]);
  expect(await order(100n)).toEqual([small, large, other]);
  expect(await order(99n, 2)).toEqual([small, other]);
});

test('one that waits for an account takes its turn again behind the others, and those take turns among themselves', async () => {
  const [first, second, third] = await accept(1n, 1n, 1n);
  const wait = async (id: string | undefined) => {
    const [payout] = (await payoutsToTry(context(), 10n, 10)).filter((each) => each.id === id);
    if (payout === undefined) throw new Error('expected it to wait');
    await postpone(context(), [payout], { code: 'DESTINATION_BEING_CREATED', detail: '' });
  };
  await wait(first);
  expect(await order(10n)).toEqual([second, third, first]);
  await wait(second);
  expect(await order(10n)).toEqual([third, first, second]);
  await wait(first);
  expect(await order(10n)).toEqual([third, second, first]);
});

test('one that waits for another reason keeps its place', async () => {
  const [first, second] = await accept(1n, 1n);
  await postpone(context(), await payoutsToTry(context(), 10n, 1), { code: 'SIGNER_UNAVAILABLE', detail: '' });
  expect(await order(10n)).toEqual([first, second]);
});
