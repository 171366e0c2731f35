import { describe, expect, test } from '@jest/globals';
import { toHex } from 'viem/utils';
import { useEvmStand } from '../../../testing/engine/evm-stand.ts';
import { newEvmAddress } from '../../../testing/engine/evm-world.ts';
import { evmAttemptsOf, wayOf } from '../../../testing/engine/records.ts';
import { eventually } from '../../../testing/engine/wait-for.ts';

/** Runs PUSH0 PUSH0 REVERT. */
const REVERTS = '0x5f5ffd';
const stand = useEvmStand();

describe('on the chain', () => {
  test('a final revert ends the payout as failed, its nonce spent', async () => {
    stand.start();
    const to = newEvmAddress();
    stand.once('evm.signed.stored', () => stand.world.test.setCode({ address: to, bytecode: REVERTS }));
    const ids = await stand.database.accept(stand.world.want(to, 7n));
    await stand.database.reached(ids, 'submitted');
    stand.mine();
    const [payout] = await stand.database.reached(ids, 'completed', 'failed');
    expect(payout).toMatchObject({ status: 'failed', reason_code: 'EVM_REVERTED' });
    const next = await stand.database.accept(stand.world.want(newEvmAddress(), 7n));
    await stand.database.reached(next, 'completed');
    expect((await evmAttemptsOf(stand.database, [...ids, ...next])).map(({ nonce }) => nonce)).toEqual([0n, 1n]);
  });

  test('a transaction that waits too long is replaced on its nonce, both fees an eighth higher', async () => {
    stand.start({ replaceAfterSeconds: 1 });
    const to = newEvmAddress();
    const ids = await stand.database.accept(stand.world.want(to, 7n));
    await eventually(
      async () => (await evmAttemptsOf(stand.database, ids)).filter(({ state }) => state === 'signed').length >= 2,
    );
    const [first, second] = await evmAttemptsOf(stand.database, ids);
    expect(second?.nonce).toBe(first?.nonce);
    for (const fee of ['max_fee_per_gas', 'max_priority_fee_per_gas'] as const) {
      expect(BigInt(second?.[fee] ?? 0) * 8n).toBeGreaterThanOrEqual(BigInt(first?.[fee] ?? 0) * 9n);
    }
    stand.mine();
    const [payout] = await stand.database.reached(ids, 'completed');
    const attempts = await evmAttemptsOf(stand.database, ids);
    expect(attempts.map(({ hash }) => hash)).toContain(payout?.hash);
    expect(await stand.world.balance(to)).toBe(7n);
  });

  test('an older transaction of the nonce may win: it is found by its own hash', async () => {
    stand.start({ replaceAfterSeconds: 1 });
    const to = newEvmAddress();
    const ids = await stand.database.accept(stand.world.want(to, 7n));
    await eventually(
      async () => (await evmAttemptsOf(stand.database, ids)).filter(({ state }) => state === 'signed').length >= 2,
    );
    await stand.engine.stop();
    const attempts = await evmAttemptsOf(stand.database, ids);
    for (const { hash } of attempts)
      await stand.world.test.dropTransaction({ hash: hash as `0x${string}` }).catch(() => undefined);
    await stand.world.client.sendRawTransaction({
      serializedTransaction: toHex(attempts[0]?.signed ?? new Uint8Array()),
    });
    await stand.world.mine(4);
    stand.start();
    const [payout] = await stand.database.reached(ids, 'completed');
    expect(payout?.hash).toBe(attempts[0]?.hash);
    expect(await stand.world.balance(to)).toBe(7n);
  });

  test('a reorganisation puts it back to submitted, and it is paid once', async () => {
    stand.start();
    const to = newEvmAddress();
    const [id = ''] = await stand.database.accept(stand.world.want(to, 7n));
    await stand.database.reached([id], 'submitted');
    await eventually(async () => (await evmAttemptsOf(stand.database, [id]))[0]?.sent_outcome === 'sent');
    const before = await stand.world.test.snapshot();
    await stand.world.mine(1);
    await stand.database.reached([id], 'confirming');
    await stand.world.test.revert({ id: before });
    await eventually(
      async () => (await wayOf(stand.database, id)).filter((status) => status === 'submitted').length === 2,
    );
    stand.mine();
    await stand.database.reached([id], 'completed');
    expect(await stand.world.balance(to)).toBe(7n);
  });

  test('a reorganisation deeper than the depth that counts as final opens even a completed payout again', async () => {
    stand.start({}, { finality: 2 });
    const to = newEvmAddress();
    const [id = ''] = await stand.database.accept(stand.world.want(to, 7n));
    await eventually(async () => (await evmAttemptsOf(stand.database, [id]))[0]?.sent_outcome === 'sent');
    const before = await stand.world.test.snapshot();
    await stand.world.mine(3);
    await stand.database.reached([id], 'completed');
    await stand.world.test.revert({ id: before });
    // Other blocks of the same numbers, without the transaction.
    const [{ hash } = {}] = await evmAttemptsOf(stand.database, [id]);
    await stand.world.test.dropTransaction({ hash: hash as `0x${string}` }).catch(() => undefined);
    await stand.world.test.increaseTime({ seconds: 100 });
    await stand.world.mine(4);
    await eventually(
      async () => (await wayOf(stand.database, id)).filter((status) => status === 'submitted').length === 2,
    );
    stand.mine();
    await stand.database.reached([id], 'completed');
    expect(await stand.world.balance(to)).toBe(7n);
    expect(await stand.metric('countersign_engine_alarms_total', { reason: 'REORGANISED' })).toBe(1);
  });

  test('a reorganisation that deep sets a failed payout aside, never sends it again, and uses its nonce up', async () => {
    stand.start({}, { finality: 2 });
    const to = newEvmAddress();
    stand.once('evm.signed.stored', () => stand.world.test.setCode({ address: to, bytecode: REVERTS }));
    const [id = ''] = await stand.database.accept(stand.world.want(to, 7n));
    await eventually(async () => (await evmAttemptsOf(stand.database, [id]))[0]?.sent_outcome === 'sent');
    const before = await stand.world.test.snapshot();
    await stand.world.mine(3);
    await stand.database.reached([id], 'failed');
    await stand.world.test.revert({ id: before });
    const [{ hash } = {}] = await evmAttemptsOf(stand.database, [id]);
    await stand.world.test.dropTransaction({ hash: hash as `0x${string}` }).catch(() => undefined);
    // Sent again, it would be paid.
    await stand.world.test.setCode({ address: to, bytecode: '0x' });
    await stand.world.test.increaseTime({ seconds: 100 });
    await stand.world.mine(4);
    await eventually(async () => (await wayOf(stand.database, id)).includes('indeterminate'));
    expect(await stand.metric('countersign_engine_alarms_total', { reason: 'REORGANISED' })).toBe(1);
    stand.mine();
    const [payout] = await stand.database.reached([id], 'completed', 'failed');
    expect(payout).toMatchObject({ status: 'failed', reason_code: 'NONCE_CANCELED' });
    expect(await stand.world.balance(to)).toBe(0n);
    expect(await wayOf(stand.database, id)).not.toContain('completed');
  });

  test('a nonce that was never given out here and is used up pauses the key before anything is signed', async () => {
    stand.mine();
    stand.start();
    const ids = await stand.database.accept(stand.world.want(newEvmAddress(), 7n));
    await stand.database.reached(ids, 'completed');
    await stand.world.sendForeign(newEvmAddress(), 1);
    await eventually(
      async () => (await stand.world.client.getTransactionCount({ address: stand.world.address })) === 2,
    );
    const next = await stand.database.accept(stand.world.want(newEvmAddress(), 7n));
    await stand.database.showing(next, 'KEY_PAUSED');
    expect(await stand.metric('countersign_engine_alarms_total', { reason: 'NONCE_FOREIGN_USE' })).toBe(1);
    expect(stand.signer.requests).toHaveLength(1);
  });

  test('a transaction that a pool has dropped is sent again', async () => {
    stand.start();
    const to = newEvmAddress();
    const ids = await stand.database.accept(stand.world.want(to, 7n));
    await eventually(async () => (await evmAttemptsOf(stand.database, ids))[0]?.sent_outcome === 'sent');
    const [attempt] = await evmAttemptsOf(stand.database, ids);
    await stand.world.test.dropTransaction({ hash: attempt?.hash as `0x${string}` });
    stand.mine();
    await stand.database.reached(ids, 'completed');
    expect(await stand.world.balance(to)).toBe(7n);
  });

  test('a foreign transaction on our nonce sets the payout aside and pauses the key, until a person lifts it', async () => {
    stand.start();
    stand.once('evm.signed.stored', async () => {
      await stand.world.sendForeign(newEvmAddress(), 0);
      await stand.world.mine(5);
    });
    const [first = ''] = await stand.database.accept(stand.world.want(newEvmAddress(), 7n));
    const [payout] = await stand.database.reached([first], 'indeterminate');
    expect(payout?.reason_code).toBe('NONCE_FOREIGN_USE');
    expect(await stand.metric('countersign_engine_alarms_total', { reason: 'NONCE_FOREIGN_USE' })).toBe(1);
    const [second = ''] = await stand.database.accept(stand.world.want(newEvmAddress(), 7n));
    await stand.database.showing([second], 'KEY_PAUSED');
    await stand.database.pool.query('update evm_accounts set paused_code = null, paused_detail = null');
    stand.mine();
    await stand.database.reached([second], 'completed');
    expect((await evmAttemptsOf(stand.database, [second])).map(({ nonce }) => nonce)).toEqual([1n]);
  });
});
