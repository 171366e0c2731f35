import { describe, expect, test } from '@jest/globals';
import { useEvmStand } from '../../../testing/engine/evm-stand.ts';
import { newEvmAddress } from '../../../testing/engine/evm-world.ts';
import { auditOf, evmAttemptsOf, wayOf } from '../../../testing/engine/records.ts';
import { eventually } from '../../../testing/engine/wait-for.ts';

const ETHER = 10n ** 18n;
/** Runs PUSH0 PUSH0 REVERT. */
const REVERTS = '0x5f5ffd';
const STOPS = '0x00';
const STORES_SIX_WORDS = '0x600160005560016001556001600255600160035560016004556001600555';
const addresses = (count: number) => Array.from({ length: count }, newEvmAddress);
const stand = useEvmStand();

describe('transfers', () => {
  test('are paid, recorded and counted', async () => {
    stand.mine();
    stand.start();
    const [to = '0x'] = addresses(1);
    const [id = ''] = await stand.database.accept(stand.world.want(to, 3n * ETHER));
    const [payout] = await stand.database.reached([id], 'completed', 'failed');
    expect(payout).toMatchObject({ status: 'completed', path: 'legacy', reason_code: null });
    const receipt = await stand.world.client.getTransactionReceipt({ hash: payout?.hash as `0x${string}` });
    expect(receipt).toMatchObject({ status: 'success', to: to.toLowerCase() });
    expect(await stand.world.balance(to)).toBe(3n * ETHER);
    expect(await wayOf(stand.database, id)).toEqual(['created', 'signing', 'submitted', 'confirming', 'completed']);
    const audit = await auditOf(stand.database, id);
    const names = ['BuildTransaction', 'SignTransaction', 'SubmitTransaction', 'PayoutCompleted'];
    expect([...new Set(audit.map(({ name }) => name))]).toEqual(names);
    expect(new Set(audit.map(({ requestId }) => requestId))).toEqual(new Set([stand.signer.requests[0]?.requestId]));
    for (const name of ['build', 'sign', 'submit', 'confirm']) {
      expect(await stand.metric(`countersign_${name}_seconds`, { le: '30' })).toBeGreaterThan(0);
    }
  });

  test('go out in the order of their nonces, more than a pool keeps at once', async () => {
    stand.mine();
    stand.start();
    const to = addresses(20);
    const ids = await stand.database.accept(...to.map((address, i) => stand.world.want(address, BigInt(i + 1))));
    await stand.database.reached(ids, 'completed');
    for (const [i, address] of to.entries()) expect(await stand.world.balance(address)).toBe(BigInt(i + 1));
    const nonces = (await evmAttemptsOf(stand.database, ids)).map(({ nonce }) => Number(nonce));
    expect(nonces).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  test('are at most 16 unmined at a time', async () => {
    stand.start();
    const ids = await stand.database.accept(...addresses(20).map((address) => stand.world.want(address, 1n)));
    await eventually(
      async () => (await evmAttemptsOf(stand.database, ids)).filter(({ state }) => state === 'signed').length === 16,
    );
    const waiting = (await stand.database.payouts(ids)).filter(({ status }) => status === 'created');
    expect(waiting).toHaveLength(4);
    stand.mine();
    await stand.database.reached(ids, 'completed');
  });

  test('begin where the account is, not at nonce 0', async () => {
    await stand.world.sendForeign(newEvmAddress(), 0);
    await stand.world.mine(3);
    stand.mine();
    stand.start();
    const ids = await stand.database.accept(stand.world.want(newEvmAddress(), 5n));
    await stand.database.reached(ids, 'completed');
    expect((await evmAttemptsOf(stand.database, ids)).map(({ nonce }) => nonce)).toEqual([1n]);
  });

  test('wait for a depth in blocks where the chain has no finality of its own', async () => {
    stand.start({}, { finality: 4 });
    const to = newEvmAddress();
    const ids = await stand.database.accept(stand.world.want(to, 5n));
    await stand.database.reached(ids, 'submitted');
    await eventually(async () => (await evmAttemptsOf(stand.database, ids))[0]?.sent_outcome === 'sent');
    await stand.world.mine(4);
    await stand.database.reached(ids, 'confirming');
    await stand.world.mine(1);
    await stand.database.reached(ids, 'completed');
  });

  test('to a contract get the gas that it needs; one that reverts fails before anything is signed', async () => {
    const [takes, refuses, expensive] = [newEvmAddress(), newEvmAddress(), newEvmAddress()];
    await stand.world.test.setCode({ address: expensive, bytecode: STORES_SIX_WORDS });
    await stand.world.test.setCode({ address: takes, bytecode: STOPS });
    await stand.world.test.setCode({ address: refuses, bytecode: REVERTS });
    stand.mine();
    stand.start();
    const ids = await stand.database.accept(...[takes, refuses, expensive].map((to) => stand.world.want(to, 7n)));
    const payouts = await stand.database.reached(ids, 'completed', 'failed');
    expect(payouts.map(({ status, reason_code }) => [status, reason_code])).toEqual([
      ['completed', null],
      ['failed', 'DESTINATION_REVERTS'],
      ['failed', 'GAS_ABOVE_LIMIT'],
    ]);
    expect(stand.signer.requests).toHaveLength(1);
  });
});
