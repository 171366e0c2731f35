import { describe, expect, test } from '@jest/globals';
import { attemptsOf } from '../../../testing/engine/records.ts';
import { useStellarStand } from '../../../testing/engine/stellar-stand.ts';

const XLM = 10_000_000n;
const stand = useStellarStand();

describe('a transaction that is never included', () => {
  test('is built again on the same number, at the highest fee, once it has provably expired', async () => {
    const [account = ''] = await stand.world.newAccounts(1);
    stand.world.rpc.faults.add({ fault: { kind: 'lose' } });
    const ids = await stand.database.accept(stand.world.want(account, XLM), stand.world.want(account, XLM));
    await stand.letExpire(ids, 1);
    stand.world.rpc.faults.clear();
    await stand.database.reached(ids, 'completed');
    expect(stand.world.balance(account)).toBe(12n * XLM);
    const attempts = await attemptsOf(stand.database, ids);
    expect(attempts.map(({ state }) => state)).toEqual(['expired', 'succeeded']);
    expect(new Set(attempts.map(({ sequence }) => sequence)).size).toBe(1);
    expect(attempts.map(({ fee }) => fee)).toEqual([300n, 30_000n]);
  });

  test('is split when the network had it twice; who is left out of the success is unpaid and told so', async () => {
    const accounts = await stand.world.newAccounts(3);
    stand.world.rpc.faults.add({ fault: { kind: 'lose' } });
    const ids = await stand.database.accept(...accounts.map((account) => stand.world.want(account, XLM)));
    await stand.letExpire(ids, 1);
    await stand.letExpire(ids, 2);
    stand.world.rpc.faults.clear();
    const payouts = await stand.database.reached(ids, 'completed', 'failed');
    expect(payouts.map(({ status, reason_code }) => [status, reason_code])).toEqual([
      ['completed', null],
      ['completed', null],
      ['failed', 'LANE_CLOSED_UNPAID'],
    ]);
    expect(accounts.map((account) => stand.world.balance(account))).toEqual([11n * XLM, 11n * XLM, 10n * XLM]);
  });

  test('is not split after an outage, nor is more offered: nobody is left out', async () => {
    const accounts = await stand.world.newAccounts(3);
    stand.world.rpc.faults.add({ fault: { kind: 'status', status: 503 }, method: 'sendTransaction' });
    const ids = await stand.database.accept(...accounts.map((account) => stand.world.want(account, XLM)));
    await stand.letExpire(ids, 1);
    await stand.letExpire(ids, 2);
    stand.world.rpc.faults.clear();
    await stand.database.reached(ids, 'completed');
    expect(accounts.map((account) => stand.world.balance(account))).toEqual([11n * XLM, 11n * XLM, 11n * XLM]);
    expect((await attemptsOf(stand.database, ids)).map(({ fee }) => fee)).toEqual([400n, 400n, 400n]);
  });
});
