import { afterEach, describe, expect, test } from '@jest/globals';
import { type FaultProxy, startFaultProxy } from '../../../testing/engine/fault-proxy.ts';
import { attemptsOf } from '../../../testing/engine/records.ts';
import { useStellarStand } from '../../../testing/engine/stellar-stand.ts';
import type { Payout } from '../payouts.ts';
import { accountKey } from './account.ts';
import { judgeFrozen } from './frozen-key.ts';
import { FROZEN_KEYS } from './frozen-keys.ts';

const XLM = 10_000_000n;
const stand = useStellarStand();
let proxy: FaultProxy | undefined;

afterEach(async () => {
  await proxy?.close();
  proxy = undefined;
});

const freeze = (account: string) => stand.world.rpc.ledger.freeze(accountKey(account));
const outcomes = async (ids: readonly string[]) =>
  (await stand.database.payouts(ids)).map(({ status, reason_code }) => `${status} ${reason_code}`);

describe('an account that is frozen after its payout was signed', () => {
  test('is found in its batch by what the network says of it, and the others are paid', async () => {
    const accounts = await stand.world.newAccounts(3);
    const [, frozen = ''] = accounts;
    stand.once('stellar.signed.stored', () => freeze(frozen));
    const ids = await stand.database.accept(...accounts.map((account) => stand.world.want(account, XLM)));
    await stand.letExpire(ids, 1);
    await stand.database.reached(ids, 'completed', 'failed');
    expect(await outcomes(ids)).toEqual(['completed null', 'failed TX_FROZEN_KEY_ACCESSED', 'completed null']);
    expect(accounts.map((account) => stand.world.balance(account))).toEqual([11n * XLM, 10n * XLM, 11n * XLM]);
    expect((await attemptsOf(stand.database, ids)).map(({ state, outcome }) => `${state} ${outcome}`)).toEqual([
      'expired TX_FROZEN_KEY_ACCESSED',
      'succeeded TX_SUCCESS',
    ]);
  });

  test('is found by halving where the node does not say which keys are frozen, and the others are paid together', async () => {
    const accounts = await stand.world.newAccounts(4);
    const [frozen = ''] = accounts;
    proxy = await startFaultProxy(stand.world.rpc.url);
    proxy.fail({ kind: 'ask', change: withoutFrozenKeys }, 'getLedgerEntries');
    await stand.restartThrough(proxy.url);
    freeze(frozen);
    const ids = await stand.database.accept(...accounts.map((account) => stand.world.want(account, XLM)));
    for (const nth of [1, 2, 3, 4]) await stand.letExpire(ids, nth);
    await stand.database.reached(ids, 'completed', 'failed');
    expect(await outcomes(ids)).toEqual(['failed TX_FROZEN_KEY_ACCESSED', ...Array(3).fill('completed null')]);
    const attempts = await attemptsOf(stand.database, ids);
    expect(attempts.map(({ payouts }) => payouts.length)).toEqual([4, 4, 2, 1, 3]);
    expect(accounts.map((account) => stand.world.balance(account))).toEqual([10n, 11n, 11n, 11n].map((n) => n * XLM));
  });
});

test('a channel account that is frozen is used for nothing; another one is', async () => {
  const [account = ''] = await stand.world.newAccounts(1);
  const channels = stand.world.chain.treasuries[0]?.channels ?? [];
  freeze(channels[0] ?? '');
  const ids = await stand.database.accept(stand.world.want(account, XLM));
  await stand.database.reached(ids, 'completed');
  expect((await attemptsOf(stand.database, ids)).map(({ channel }) => channel)).toEqual(channels.slice(1));
});

describe('who is named for a frozen key', () => {
  const payouts = ['1', '2', '3'].map((id) => ({ id }) as Payout);
  test('nobody at first, then a half, then the one that is left, for whom alone it was', () => {
    expect(judgeFrozen(payouts, 0)).toEqual({ guilty: [], limit: undefined });
    expect(judgeFrozen(payouts.slice(0, 1), 0)).toEqual({ guilty: [], limit: undefined });
    expect(judgeFrozen(payouts, 1)).toEqual({ guilty: [], limit: 2 });
    expect(judgeFrozen(payouts.slice(0, 1), 1)).toMatchObject({ guilty: [{ payout: { id: '1' } }], limit: null });
  });
});

/** A node that knows nothing of that setting. */
function withoutFrozenKeys(params: unknown): unknown {
  if (typeof params !== 'object' || params === null || !('keys' in params) || !Array.isArray(params.keys))
    return params;
  const unknown = FROZEN_KEYS.toXdr('base64');
  return { ...params, keys: params.keys.filter((key) => key !== unknown) };
}
