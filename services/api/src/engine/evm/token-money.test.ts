import { describe, expect, test } from '@jest/globals';
import { useEvmStand } from '../../../testing/engine/evm-stand.ts';
import { startEvmToken, useEvmTokens } from '../../../testing/engine/evm-tokens.ts';
import { newEvmAddress } from '../../../testing/engine/evm-world.ts';

const ETHER = 10n ** 18n;
const stand = useEvmStand();
useEvmTokens();

describe('a payout in a token waits', () => {
  test('for the token, and holds up nobody else', async () => {
    const token = await startEvmToken(stand.world, 'PlainToken', 10n);
    const other = await startEvmToken(stand.world, 'PlainToken', 10n);
    stand.mine();
    stand.start();
    const to = newEvmAddress();
    const [large = '', ...rest] = await stand.database.accept(
      token.want(to, 11n),
      token.want(newEvmAddress(), 1n),
      other.want(newEvmAddress(), 10n),
      stand.world.want(newEvmAddress(), 1n),
    );
    await stand.database.reached(rest, 'completed');
    const [waiting] = await stand.database.showing([large], 'TREASURY_UNDERFUNDED');
    expect(waiting).toMatchObject({ status: 'created' });
    expect(waiting?.reason_detail).toContain(token.asset);
    await token.mint(2n);
    await stand.database.reached([large], 'completed');
    expect(await token.balance(to)).toBe(11n);
  });

  test('for no coin but its gas: ether that is short for others does not hold it up', async () => {
    const token = await startEvmToken(stand.world, 'PlainToken', 10n);
    stand.mine();
    stand.start();
    const [large = '', small = ''] = await stand.database.accept(
      stand.world.want(newEvmAddress(), 150n * ETHER),
      token.want(newEvmAddress(), 10n),
    );
    await stand.database.reached([small], 'completed');
    const [waiting] = await stand.database.showing([large], 'TREASURY_UNDERFUNDED');
    expect(waiting?.reason_detail).toContain('slip44:60');
  });

  test.each([
    ['there is none', 0n],
    // A transfer of ether could be paid with it.
    ['there is too little for a call', 21_000n],
  ])('for gas money, when %s', async (_what, gas) => {
    const token = await startEvmToken(stand.world, 'PlainToken', 10n);
    await stand.world.test.setBalance({ address: stand.world.address, value: gas * 4_000_000_000n });
    await stand.world.test.setNextBlockBaseFeePerGas({ baseFeePerGas: 1_000_000_000n });
    await stand.world.mine(1);
    stand.start();
    const ids = await stand.database.accept(token.want(newEvmAddress(), 10n));
    const [waiting] = await stand.database.showing(ids, 'TREASURY_UNDERFUNDED');
    expect(waiting?.reason_detail).toContain('slip44:60');
    expect(stand.signer.requests).toHaveLength(0);
    await stand.world.test.setBalance({ address: stand.world.address, value: ETHER });
    stand.mine();
    await stand.database.reached(ids, 'completed');
  });

  test.each([
    ['tells no balance', '0x00'],
    // Two megabytes of zeros: PUSH3 0x200000 PUSH0 RETURN.
    ['answers more than anybody can read', '0x622000005ff3'],
  ] as const)('while its contract %s, and holds up nobody else', async (_what, mute) => {
    const token = await startEvmToken(stand.world, 'PlainToken', 10n);
    const { address } = token;
    const bytecode = (await stand.world.client.getCode({ address })) ?? '0x';
    await stand.world.test.setCode({ address, bytecode: mute });
    stand.mine();
    stand.start();
    const [stuck = '', next = ''] = await stand.database.accept(
      token.want(newEvmAddress(), 10n),
      stand.world.want(newEvmAddress(), 1n),
    );
    await stand.database.reached([next], 'completed');
    await stand.database.showing([stuck], 'TOKEN_BALANCE_UNKNOWN');
    await stand.world.test.setCode({ address, bytecode });
    await stand.database.reached([stuck], 'completed');
  });

  test.each([
    ['answers with an error', { kind: 'error', code: -32005, message: 'limit exceeded' }],
    ['breaks off', { kind: 'reset' }],
  ] as const)('while the node %s where it should simulate, and holds up nobody else', async (_what, fault) => {
    const token = await startEvmToken(stand.world, 'PlainToken', 10n);
    stand.proxy.fail(fault, 'eth_simulateV1');
    stand.mine();
    stand.start();
    const [unclear = '', next = ''] = await stand.database.accept(
      token.want(newEvmAddress(), 10n),
      stand.world.want(newEvmAddress(), 1n),
    );
    await stand.database.reached([next], 'completed');
    await stand.database.showing([unclear], 'SIMULATION_UNKNOWN');
    stand.proxy.clear();
    await stand.database.reached([unclear], 'completed');
  });

  test('while the simulated call runs into a limit of the node, though nothing is wrong with the transfer', async () => {
    const token = await startEvmToken(stand.world, 'PlainToken', 10n);
    const change = (params: unknown) => {
      const [request, block] = params as [{ blockStateCalls: { calls: object[] }[] }, unknown];
      const calls = request.blockStateCalls.flatMap((each) => each.calls.map((call) => ({ ...call, gas: '0x6000' })));
      return [{ blockStateCalls: [{ calls }] }, block];
    };
    stand.proxy.fail({ kind: 'ask', change }, 'eth_simulateV1');
    stand.mine();
    stand.start();
    const ids = await stand.database.accept(token.want(newEvmAddress(), 10n));
    const [waiting] = await stand.database.showing(ids, 'SIMULATION_UNKNOWN');
    expect(waiting?.status).toBe('created');
    stand.proxy.clear();
    await stand.database.reached(ids, 'completed');
  });

  test('for nothing, where the node has no eth_simulateV1', async () => {
    const token = await startEvmToken(stand.world, 'PlainToken', 10n);
    stand.proxy.fail({ kind: 'error', code: -32601, message: 'the method does not exist' }, 'eth_simulateV1');
    stand.mine();
    stand.start();
    await stand.database.reached(await stand.database.accept(token.want(newEvmAddress(), 10n)), 'completed');
  });
});

test('a transfer has gas to spare for a destination that spends all it had before it is mined', async () => {
  const [token, to] = [await startEvmToken(stand.world, 'PlainToken', 10n), newEvmAddress()];
  await token.call('mint', to, 5n);
  stand.once('evm.signed.stored', () => token.move(to, newEvmAddress(), 5n));
  stand.start();
  const ids = await stand.database.accept(token.want(to, 4n));
  await stand.database.reached(ids, 'submitted');
  stand.mine();
  const [payout] = await stand.database.reached(ids, 'completed', 'failed');
  expect(payout).toMatchObject({ status: 'completed', reason_code: null });
  expect(await token.balance(to)).toBe(4n);
});
