import { CountersignError } from '@countersign/contract/errors';
import { describe, expect, test } from '@jest/globals';
import { attemptsOf } from '../../../testing/engine/records.ts';
import { useStellarStand } from '../../../testing/engine/stellar-stand.ts';

const XLM = 10_000_000n;
const stand = useStellarStand();

describe('a refusal by policy', () => {
  const denied = (...reasons: { code: string; message: string }[]) =>
    new CountersignError('POLICY_DENIED', 'policy does not allow it', { reasons });

  test('ends the payouts that it names; the others go on in the same lane', async () => {
    const accounts = await stand.world.newAccounts(4);
    stand.signer.interfere({
      kind: 'refuse',
      error: () =>
        denied(
          { code: 'DESTINATION_NOT_ALLOWED', message: 'payouts[1].destination: G… is not listed' },
          { code: 'AMOUNT_ABOVE_LIMIT', message: 'payouts[3].amount: expected at most 1, got 2' },
        ),
    });
    const ids = await stand.database.accept(...accounts.map((account) => stand.world.want(account, XLM)));
    const payouts = await stand.database.reached(ids, 'completed', 'failed');
    expect(payouts.map(({ status, reason_code }) => [status, reason_code])).toEqual([
      ['completed', null],
      ['failed', 'POLICY_DENIED'],
      ['completed', null],
      ['failed', 'POLICY_DENIED'],
    ]);
    expect(payouts[1]?.reason_detail).toBe('DESTINATION_NOT_ALLOWED: payouts[1].destination: G… is not listed');
    const [first, second] = await attemptsOf(stand.database, ids);
    expect([first?.state, second?.state]).toEqual(['refused', 'succeeded']);
    expect(second?.sequence).toBe(first?.sequence);
  });

  test('that names nobody is narrowed down to the payout at fault; nobody else is lost', async () => {
    const accounts = await stand.world.newAccounts(9);
    const guilty = accounts[6] ?? '';
    const error = ({ payouts }: { payouts: readonly { destination: string }[] }) =>
      payouts.some(({ destination }) => destination === guilty)
        ? denied({ code: 'SOMETHING_ELSE', message: 'not like this' })
        : undefined;
    stand.signer.interfere({ kind: 'refuse', error }, 1_000);
    const ids = await stand.database.accept(...accounts.map((account) => stand.world.want(account, XLM)));
    const payouts = await stand.database.reached(ids, 'completed', 'failed');
    expect(payouts.filter(({ status }) => status === 'failed').map(({ id }) => ids.indexOf(id))).toEqual([6]);
    for (const account of accounts) expect(stand.world.balance(account)).toBe((account === guilty ? 10n : 11n) * XLM);
  });

  test('of what all transactions share ends the whole batch at once', async () => {
    const accounts = await stand.world.newAccounts(5);
    const reason = { code: 'CHANNEL_NOT_ALLOWED', message: 'source: G… is not a listed channel account' };
    stand.signer.interfere({ kind: 'refuse', error: () => denied(reason) }, 1_000);
    const ids = await stand.database.accept(...accounts.map((account) => stand.world.want(account, XLM)));
    const payouts = await stand.database.reached(ids, 'failed');
    expect(payouts.every(({ reason_code }) => reason_code === 'POLICY_DENIED')).toBe(true);
    expect(stand.signer.requests).toHaveLength(1);
  });

  test('of the fee ends nobody who is bound: the next attempt bids the least', async () => {
    const accounts = await stand.world.newAccounts(3);
    stand.world.rpc.faults.add({ fault: { kind: 'lose' } });
    const ids = await stand.database.accept(...accounts.map((account) => stand.world.want(account, XLM)));
    await stand.letExpire(ids, 1);
    stand.signer.interfere({
      kind: 'refuse',
      error: () => denied({ code: 'FEE_ABOVE_LIMIT', message: 'fee: expected at most 500 stroops, got 40000' }),
    });
    stand.world.rpc.faults.clear();
    await stand.database.reached(ids, 'completed');
    const attempts = await attemptsOf(stand.database, ids);
    expect(attempts.map(({ state, fee }) => [state, fee])).toEqual([
      ['expired', 400n],
      ['refused', 40_000n],
      ['succeeded', 400n],
    ]);
  });

  test('of the least fee has a payout wait', async () => {
    const [account = ''] = await stand.world.newAccounts(1);
    let low = true;
    const reason = { code: 'FEE_ABOVE_LIMIT', message: 'fee: expected at most 100 stroops, got 200' };
    stand.signer.interfere({ kind: 'refuse', error: () => (low ? denied(reason) : undefined) }, 1_000);
    const ids = await stand.database.accept(stand.world.want(account, XLM));
    const [waiting] = await stand.database.showing(ids, 'POLICY_DENIED');
    expect(waiting?.status).toBe('signing');
    low = false;
    await stand.database.reached(ids, 'completed');
    expect((await attemptsOf(stand.database, ids)).map(({ state }) => state)).toEqual(['refused', 'succeeded']);
  });

  test('after a request whose fate is unknown ends nothing before its expiry', async () => {
    const [account = ''] = await stand.world.newAccounts(1);
    stand.signer.interfere({ kind: 'lose-answer' });
    stand.signer.interfere({ kind: 'refuse', error: () => denied({ code: 'OTHER', message: 'no' }) }, 10_000);
    const ids = await stand.database.accept(stand.world.want(account, XLM));
    const [waiting] = await stand.database.showing(ids, 'POLICY_DENIED');
    expect(waiting?.status).toBe('signing');
    stand.world.close(300);
    const [payout] = await stand.database.reached(ids, 'failed');
    expect(payout?.reason_code).toBe('POLICY_DENIED');
    expect((await attemptsOf(stand.database, ids)).map(({ state }) => state)).toEqual(['expired', 'refused']);
    expect(stand.world.balance(account)).toBe(10n * XLM);
  });
});
