import { describe, expect, test } from '@jest/globals';
import { useEvmStand } from '../../../testing/engine/evm-stand.ts';
import { startEvmToken, useEvmTokens } from '../../../testing/engine/evm-tokens.ts';
import { newEvmAddress } from '../../../testing/engine/evm-world.ts';
import { evmAttemptsOf, wayOf } from '../../../testing/engine/records.ts';
import { eventually } from '../../../testing/engine/wait-for.ts';

const stand = useEvmStand();
useEvmTokens();

describe('transfers of a token', () => {
  test.each(['PlainToken', 'SilentToken'] as const)('%s: are paid, by its own log', async (name) => {
    const token = await startEvmToken(stand.world, name, 100n);
    stand.mine();
    stand.start();
    const to = newEvmAddress();
    const [id = ''] = await stand.database.accept(token.want(to, 60n));
    const [payout] = await stand.database.reached([id], 'completed', 'failed');
    expect(payout).toMatchObject({ status: 'completed', reason_code: null });
    expect(await token.balance(to)).toBe(60n);
    expect(await token.balance(stand.world.address)).toBe(40n);
    expect(await wayOf(stand.database, id)).toEqual(['created', 'signing', 'submitted', 'confirming', 'completed']);
  });

  test('go out among others, one nonce each, and never more than there is', async () => {
    const [token, other] = [
      await startEvmToken(stand.world, 'PlainToken', 10n),
      await startEvmToken(stand.world, 'PlainToken', 10n),
    ];
    stand.start();
    const wanted = Array.from({ length: 4 }, () => [
      token.want(newEvmAddress(), 3n),
      other.want(newEvmAddress(), 2n),
      stand.world.want(newEvmAddress(), 1n),
    ]);
    const ids = await stand.database.accept(...wanted.flat());
    const last = ids.slice(9, 10);
    // The fourth of the first token: three in flight leave one unit.
    await stand.database.showing(last, 'TREASURY_UNDERFUNDED');
    const others = ids.filter((id) => !last.includes(id));
    stand.mine();
    await stand.database.reached(others, 'completed');
    expect((await stand.database.payouts(last))[0]).toMatchObject({ status: 'created' });
    const nonces = (await evmAttemptsOf(stand.database, others)).map(({ nonce }) => Number(nonce));
    expect(nonces.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 11 }, (_, i) => i));
    await token.mint(2n);
    await stand.database.reached(last, 'completed');
  });

  test('are replaced with the same call on the same nonce', async () => {
    const token = await startEvmToken(stand.world, 'PlainToken', 100n);
    stand.start({ replaceAfterSeconds: 1 });
    const to = newEvmAddress();
    const ids = await stand.database.accept(token.want(to, 60n));
    await eventually(
      async () => (await evmAttemptsOf(stand.database, ids)).filter(({ state }) => state === 'signed').length >= 2,
    );
    stand.mine();
    await stand.database.reached(ids, 'completed');
    expect(await token.balance(to)).toBe(60n);
    const calls = await stand.database.pool.query(
      `select distinct nonce, gas_limit, substring(encode(unsigned, 'hex') from 'a9059cbb[0-9a-f]{128}') as data from evm_attempts`,
    );
    expect(calls.rows).toHaveLength(1);
    expect(calls.rows[0].data).not.toBeNull();
  });

  test('that a reorganisation takes back are paid once', async () => {
    const token = await startEvmToken(stand.world, 'PlainToken', 100n);
    stand.start();
    const to = newEvmAddress();
    const [id = ''] = await stand.database.accept(token.want(to, 60n));
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
    expect(await token.balance(to)).toBe(60n);
  });

  test('that paid something else and are taken back are not sent again: a cancel uses the nonce up', async () => {
    const token = await startEvmToken(stand.world, 'FeeToken', 1_000n);
    stand.proxy.fail({ kind: 'error', code: -32601, message: 'the method does not exist' }, 'eth_simulateV1');
    stand.start({}, { finality: 2 });
    const to = newEvmAddress();
    const [id = ''] = await stand.database.accept(token.want(to, 1_000n));
    await eventually(async () => (await evmAttemptsOf(stand.database, [id]))[0]?.sent_outcome === 'sent');
    const before = await stand.world.test.snapshot();
    await stand.world.mine(3);
    await stand.database.showing([id], 'TRANSFER_DIFFERS');
    await stand.world.test.revert({ id: before });
    const [{ hash } = {}] = await evmAttemptsOf(stand.database, [id]);
    await stand.world.test.dropTransaction({ hash: hash as `0x${string}` }).catch(() => undefined);
    await stand.world.test.increaseTime({ seconds: 100 });
    await stand.world.mine(4);
    await stand.database.showing([id], 'REORGANISED');
    stand.mine();
    const [payout] = await stand.database.reached([id], 'completed', 'failed');
    expect(payout).toMatchObject({ status: 'failed', reason_code: 'NONCE_CANCELED' });
    expect(await token.balance(to)).toBe(0n);
  });
});
