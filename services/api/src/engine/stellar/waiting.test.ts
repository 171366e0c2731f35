import { type AssetId, issuedAsset, nativeAsset, sep41Asset, stellarChainId } from '@countersign/chains/caip';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type EngineDatabase, startEngineDatabase } from '../../../testing/engine/database.ts';
import type { Holdings } from './treasury.ts';
import { invocationsToTry, markTried, paymentsToTry, postpone } from './waiting.ts';

const PASSPHRASE = 'Standalone Network ; February 2017';
const CHAIN = stellarChainId(PASSPHRASE);
const NATIVE = nativeAsset(CHAIN);
const ISSUED = issuedAsset(CHAIN, 'USDC', 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ');
const CONTRACT = 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC';
const TOKEN = sep41Asset(CHAIN, CONTRACT);

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
    chain: CHAIN,
    networkPassphrase: PASSPHRASE,
    rpcUrl: 'http://127.0.0.1:1',
    assets: [],
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

interface Wanted {
  readonly amount: bigint;
  readonly asset?: AssetId;
  readonly destination?: string;
}

/** One after the other, so that each is younger than the one before. */
async function acceptEach(...wanted: readonly Wanted[]): Promise<string[]> {
  const ids: string[] = [];
  for (const [i, each] of wanted.entries()) {
    const [id = ''] = await database.accept({
      chain: CHAIN,
      asset: NATIVE,
      key: 'treasury-stellar',
      destination: 'G',
      ...each,
    });
    await database.pool.query(`update payouts set created_at = now() - $2 * interval '1 s' where id = $1`, [
      id,
      100 - i,
    ]);
    ids.push(id);
  }
  return ids;
}

const accept = (...amounts: readonly bigint[]) => acceptEach(...amounts.map((amount) => ({ amount })));

const holding = (...held: readonly (readonly [AssetId, bigint])[]): Holdings =>
  new Map(held.map(([asset, available]) => [asset, { available, paused: undefined }]));
const payments = (affordable: bigint, limit = 10) => paymentsToTry(context(), holding([NATIVE, affordable]), limit);
const order = async (affordable: bigint, limit = 10) => (await payments(affordable, limit)).map(({ id }) => id);

test('the oldest first, but those that the treasury cannot afford last', async () => {
  const [small, large, other] = await accept(1n, 100n, 2n);
  expect(await order(99n)).toEqual([small, other, large]);
  expect(await order(100n)).toEqual([small, large, other]);
  expect(await order(99n, 2)).toEqual([small, other]);
});

test('one that waits for an account takes its turn again behind the others, and those take turns among themselves', async () => {
  const [first, second, third] = await accept(1n, 1n, 1n);
  const wait = async (id: string | undefined) => {
    const [payout] = (await payments(10n)).filter((each) => each.id === id);
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
  await postpone(context(), await payments(10n, 1), { code: 'SIGNER_UNAVAILABLE', detail: '' });
  expect(await order(10n)).toEqual([first, second]);
});

test('what the treasury has of one asset says nothing of another', async () => {
  const [large, small] = await acceptEach({ amount: 5n }, { amount: 5n, asset: ISSUED });
  const tried = async (...held: readonly (readonly [AssetId, bigint])[]) =>
    (await paymentsToTry(context(), holding(...held), 10)).map(({ id }) => id);
  expect(await tried([NATIVE, 4n], [ISSUED, 5n])).toEqual([small, large]);
  expect(await tried([NATIVE, 5n], [ISSUED, 4n])).toEqual([large, small]);
  expect(await tried([ISSUED, 5n])).toEqual([small, large]);
});

test('contract calls are a queue of their own, and each that could not go takes its turn again', async () => {
  const [payment, token, toContract] = await acceptEach(
    { amount: 1n },
    { amount: 10n ** 30n, asset: TOKEN },
    { amount: 1n, destination: CONTRACT },
  );
  const calls = () => invocationsToTry(context(), holding([NATIVE, 1n]), 10);
  const ids = async () => (await calls()).map(({ id }) => id);
  expect(await order(1n)).toEqual([payment]);
  expect(await ids()).toEqual([token, toContract]);
  const [first] = await calls();
  if (first === undefined) throw new Error('expected one to wait');
  await postpone(context(), [first], { code: 'TREASURY_UNDERFUNDED', detail: '' });
  expect(await ids()).toEqual([toContract, token]);
  const [second] = await calls();
  if (second === undefined) throw new Error('expected one to wait');
  await postpone(context(), [second], { code: 'TREASURY_UNDERFUNDED', detail: '' });
  expect(await ids()).toEqual([token, toContract]);
  await markTried(context(), first);
  expect(await ids()).toEqual([toContract, token]);
});
