import { CountersignError } from '@countersign/contract/errors';
import { describe, expect, test } from '@jest/globals';
import { useEvmStand } from '../../../testing/engine/evm-stand.ts';
import { newEvmAddress } from '../../../testing/engine/evm-world.ts';
import { evmAttemptsOf } from '../../../testing/engine/records.ts';
import { eventually } from '../../../testing/engine/wait-for.ts';

const stand = useEvmStand();

describe('a refusal', () => {
  const denied = () => new CountersignError('POLICY_DENIED', 'no', { reasons: [{ code: 'X', message: 'not this' }] });

  test('ends the payout, and its nonce goes to the next one', async () => {
    stand.mine();
    stand.start();
    stand.signer.interfere({ kind: 'refuse', error: denied });
    const ids = await stand.database.accept(
      stand.world.want(newEvmAddress(), 7n),
      stand.world.want(newEvmAddress(), 8n),
    );
    const payouts = await stand.database.reached(ids, 'completed', 'failed');
    expect(payouts.map(({ status, reason_code }) => [status, reason_code])).toEqual([
      ['failed', 'POLICY_DENIED'],
      ['completed', null],
    ]);
    expect((await evmAttemptsOf(stand.database, ids)).map(({ nonce }) => nonce)).toEqual([0n, 0n]);
  });

  test('after a request whose fate is unknown has the nonce canceled, and the payout ends when that is final', async () => {
    stand.mine();
    stand.start();
    const to = newEvmAddress();
    stand.signer.interfere({ kind: 'lose-answer' });
    stand.signer.interfere({ kind: 'refuse', error: denied });
    const ids = await stand.database.accept(stand.world.want(to, 7n));
    const [payout] = await stand.database.reached(ids, 'completed', 'failed');
    expect(payout).toMatchObject({ status: 'failed', reason_code: 'NONCE_CANCELED' });
    expect((await evmAttemptsOf(stand.database, ids)).map(({ purpose, nonce }) => [purpose, nonce])).toEqual([
      ['payout', 0n],
      ['cancel', 0n],
    ]);
    expect(await stand.world.balance(to)).toBe(0n);
    await stand.database.reached(await stand.database.accept(stand.world.want(to, 9n)), 'completed');
  });

  test('of such a cancel pauses the key; once a person has lifted it, another one goes out, at the fees of the day', async () => {
    stand.start();
    stand.once('evm.sign.answered', async () => {
      await stand.world.test.setNextBlockBaseFeePerGas({ baseFeePerGas: 50n * 10n ** 9n });
      await stand.world.mine(1);
    });
    stand.signer.interfere({ kind: 'lose-answer' });
    stand.signer.interfere({ kind: 'refuse', error: denied }, 2);
    const ids = await stand.database.accept(stand.world.want(newEvmAddress(), 7n));
    await stand.database.showing(ids, 'KEY_PAUSED');
    expect(await stand.metric('countersign_engine_alarms_total', { reason: 'CANCEL_REFUSED' })).toBe(1);
    const [payment, refused] = await evmAttemptsOf(stand.database, ids);
    expect(refused).toMatchObject({ purpose: 'cancel', state: 'refused' });
    expect(BigInt(refused?.max_fee_per_gas ?? 0)).toBeGreaterThan(BigInt(payment?.max_fee_per_gas ?? 0) * 2n);
    expect(stand.signer.requests).toHaveLength(3);
    await stand.database.pool.query('update evm_accounts set paused_code = null, paused_detail = null');
    stand.mine();
    const [payout] = await stand.database.reached(ids, 'completed', 'failed');
    expect(payout).toMatchObject({ status: 'failed', reason_code: 'NONCE_CANCELED' });
    await stand.database.reached(await stand.database.accept(stand.world.want(newEvmAddress(), 9n)), 'completed');
  });

  test('because the nonce is out of the window gives it back, and does not keep lower ones from being replaced', async () => {
    stand.start({ replaceAfterSeconds: 1 });
    const [first = ''] = await stand.database.accept(stand.world.want(newEvmAddress(), 7n));
    await stand.database.reached([first], 'submitted');
    let full = true;
    const outOfWindow = () => new CountersignError('NONCE_OUT_OF_WINDOW', 'too far ahead');
    stand.signer.interfere(
      { kind: 'refuse', error: ({ payouts }) => (full && payouts[0]?.payoutId !== first ? outOfWindow() : undefined) },
      1_000,
    );
    const [second = ''] = await stand.database.accept(stand.world.want(newEvmAddress(), 8n));
    await eventually(
      async () => (await evmAttemptsOf(stand.database, [first])).filter(({ state }) => state === 'signed').length >= 2,
    );
    await stand.database.showing([second], 'NONCE_OUT_OF_WINDOW');
    full = false;
    stand.mine();
    await stand.database.reached([first, second], 'completed');
    const nonces = (await evmAttemptsOf(stand.database, [second])).map(({ nonce }) => nonce);
    expect(new Set(nonces)).toEqual(new Set([1n]));
  });

  test('because the nonce is out of the window, where the answer before it was lost, ends in a cancel', async () => {
    stand.start();
    stand.signer.interfere({ kind: 'lose-answer' });
    stand.signer.interfere({
      kind: 'refuse',
      error: () => new CountersignError('NONCE_OUT_OF_WINDOW', 'too far ahead'),
    });
    stand.mine();
    const ids = await stand.database.accept(stand.world.want(newEvmAddress(), 7n));
    const [payout] = await stand.database.reached(ids, 'completed', 'failed');
    expect(payout).toMatchObject({ status: 'failed', reason_code: 'NONCE_CANCELED' });
  });

  test('of a replacement leaves the older transaction in force', async () => {
    stand.start({ replaceAfterSeconds: 1 });
    const ids = await stand.database.accept(stand.world.want(newEvmAddress(), 7n));
    await stand.database.reached(ids, 'submitted');
    stand.signer.interfere({ kind: 'refuse', error: denied }, 1_000);
    await eventually(async () => (await evmAttemptsOf(stand.database, ids))[1]?.state === 'refused');
    stand.mine();
    const [payout] = await stand.database.reached(ids, 'completed');
    expect(payout?.hash).toBe((await evmAttemptsOf(stand.database, ids))[0]?.hash);
  });

  test('because the nonce is another payout’s pauses the key', async () => {
    stand.mine();
    stand.start();
    stand.signer.interfere({ kind: 'refuse', error: () => new CountersignError('LANE_TAKEN', 'taken') });
    const ids = await stand.database.accept(stand.world.want(newEvmAddress(), 7n));
    await stand.database.reached(ids, 'indeterminate');
    expect(await stand.metric('countersign_engine_alarms_total', { reason: 'LANE_TAKEN' })).toBe(1);
  });

  test('because the payout is bound elsewhere sets it aside; the next one goes on', async () => {
    stand.mine();
    stand.start();
    stand.signer.interfere({ kind: 'refuse', error: () => new CountersignError('PAYOUT_BOUND', 'bound') });
    const ids = await stand.database.accept(
      stand.world.want(newEvmAddress(), 7n),
      stand.world.want(newEvmAddress(), 8n),
    );
    const payouts = await stand.database.reached(ids, 'completed', 'indeterminate');
    expect(payouts.map(({ status }) => status)).toEqual(['indeterminate', 'completed']);
    expect(await stand.metric('countersign_engine_alarms_total', { reason: 'PAYOUT_BOUND' })).toBe(1);
  });

  test('in form of a wrong answer: it is not stored, and the key pauses until a person lifts it', async () => {
    stand.mine();
    stand.start();
    stand.signer.interfere({
      kind: 'answer',
      change: (response) => ({ ...response, signature: response.signature.with(5, (response.signature[5] ?? 0) ^ 1) }),
    });
    const ids = await stand.database.accept(stand.world.want(newEvmAddress(), 7n));
    await eventually(
      async () => (await stand.metric('countersign_engine_alarms_total', { reason: 'SIGNED_OTHERWISE' })) === 1,
    );
    expect((await evmAttemptsOf(stand.database, ids))[0]?.state).toBe('built');
    await stand.database.pool.query('update evm_accounts set paused_code = null, paused_detail = null');
    await stand.database.reached(ids, 'completed');
  });
});
