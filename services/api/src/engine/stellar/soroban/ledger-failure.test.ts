import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Asset, Operation, xdr } from '@stellar/stellar-sdk/base';
import { balanceEntry, deployToken, heldBy, newContract, sorobanWorld } from '../../../../testing/engine/contracts.ts';
import { type FaultProxy, startFaultProxy } from '../../../../testing/engine/fault-proxy.ts';
import { attemptsOf } from '../../../../testing/engine/records.ts';
import { useStellarStand } from '../../../../testing/engine/stellar-stand.ts';
import { foreignCall } from '../../../../testing/engine/stranger.ts';
import { eventually } from '../../../../testing/engine/wait-for.ts';

const XLM = 10_000_000n;
const stand = useStellarStand(sorobanWorld());

describe('an envelope that fails on the ledger', () => {
  /** Takes the treasury's lumens away once a payout is on its way. */
  const emptyTreasury = async () => {
    const [elsewhere = ''] = await stand.world.newAccounts(1);
    const { address } = stand.world.keys.stellar;
    return () => {
      const amount = `${stand.world.balance(address) / XLM - 5n}`;
      stand.world.actAsAdmin(address, Operation.payment({ destination: elsewhere, asset: Asset.native(), amount }));
      stand.world.close();
    };
  };

  test('is followed by another one around the same authorization, once a simulation passes', async () => {
    const token = deployToken(stand.world);
    const contract = newContract();
    const empty = await emptyTreasury();
    stand.world.rpc.faults.add({ fault: { kind: 'hold', ledgers: 3 }, times: 1 });
    stand.once('stellar.signed.stored', empty);
    const ids = await stand.database.accept(stand.world.want(contract, 50n * XLM));
    const [waiting] = await stand.database.showing(ids, 'TREASURY_UNDERFUNDED');
    expect(waiting?.status).toBe('signing');
    stand.world.payFromRoot(stand.world.keys.stellar.address);
    await stand.database.reached(ids, 'completed');
    expect(heldBy(stand.world, token, contract)).toBe(50n * XLM);
    const [first, second, ...more] = await attemptsOf(stand.database, ids);
    expect([first?.state, second?.state]).toEqual(['failed', 'succeeded']);
    expect(second).toMatchObject({ channel: first?.channel, sequence: (first?.sequence ?? 0n) + 1n });
    expect(more).toEqual([]);
    expect(stand.signer.requests.map(({ transaction }) => transaction.case)).toEqual([
      'stellarAuthorization',
      'stellar',
      'stellar',
    ]);
  });

  test('and would fail again leaves the payout unfailed until its authorization has expired', async () => {
    await stand.beginAgain(sorobanWorld({ authorizationLedgers: 60n }));
    const token = deployToken(stand.world);
    const contract = newContract();
    stand.once('soroban.authorization.signed.stored', await emptyTreasury());
    const ids = await stand.database.accept(stand.world.want(contract, 50n * XLM));
    await stand.database.showing(ids, 'TREASURY_UNDERFUNDED');
    const [payout] = await stand.database.reached(ids, 'failed', 'indeterminate');
    expect(payout?.reason_code).toBe('AUTHORIZATION_EXPIRED');
    expect(payout?.reason_detail).toContain('TREASURY_UNDERFUNDED');
    expect(await attemptsOf(stand.database, ids)).toEqual([]);
    stand.world.payFromRoot(stand.world.keys.stellar.address);
    await stand.database.reached(await stand.database.accept(stand.world.want(newContract(), XLM)), 'completed');
    expect(heldBy(stand.world, token, contract)).toBe(0n);
  });

  test('leaves the channel where it is, for payments and calls alike', async () => {
    await stand.beginAgain({ ...sorobanWorld(), channels: 1 });
    const token = deployToken(stand.world);
    const [account = ''] = await stand.world.newAccounts(1);
    const contracts = [newContract(), newContract()];
    const [channel = ''] = stand.world.chain.treasuries[0]?.channels ?? [];
    const before = stand.world.rpc.ledger.account(channel)?.sequence ?? 0n;
    const first = await stand.database.accept(stand.world.want(contracts[0] ?? '', XLM));
    await stand.database.reached(first, 'completed');
    expect(stand.world.rpc.ledger.account(channel)?.sequence).toBe(before + 1n);
    await stand.database.reached(await stand.database.accept(stand.world.want(account, XLM)), 'completed');
    const last = await stand.database.accept(stand.world.want(contracts[1] ?? '', XLM));
    await stand.database.reached(last, 'completed');
    expect(contracts.map((each) => heldBy(stand.world, token, each))).toEqual([XLM, XLM]);
    expect(stand.world.balance(account)).toBe(11n * XLM);
  });
});

describe('an envelope that is never included', () => {
  test('is built again on the same number, at the highest bid, around the same authorization', async () => {
    const token = deployToken(stand.world);
    const contract = newContract();
    stand.world.rpc.faults.add({ fault: { kind: 'lose' }, times: 1 });
    const ids = await stand.database.accept(stand.world.want(contract, XLM));
    await stand.letExpire(ids, 1);
    await stand.database.reached(ids, 'completed');
    const [first, second] = await attemptsOf(stand.database, ids);
    expect([first?.state, second?.state]).toEqual(['expired', 'succeeded']);
    expect(second?.sequence).toBe(first?.sequence);
    expect((second?.fee ?? 0n) - (first?.fee ?? 0n)).toBe(10_000n - 100n);
    expect(heldBy(stand.world, token, contract)).toBe(XLM);
  });

  test('nor any other one: the payout fails once its authorization has provably expired', async () => {
    await stand.beginAgain(sorobanWorld({ authorizationLedgers: 40n }));
    const token = deployToken(stand.world);
    const contract = newContract();
    stand.world.rpc.faults.add({ fault: { kind: 'lose' } });
    const ids = await stand.database.accept(stand.world.want(contract, XLM));
    const [payout] = await stand.database.reached(ids, 'failed', 'indeterminate');
    expect(payout).toMatchObject({ status: 'failed', reason_code: 'AUTHORIZATION_EXPIRED' });
    expect(payout?.reason_detail).toContain('TX_EXPIRED');
    expect(heldBy(stand.world, token, contract)).toBe(0n);
  });

  test('because an entry of it is frozen ends its payout when the authorization has expired', async () => {
    await stand.beginAgain(sorobanWorld({ authorizationLedgers: 40n }));
    const token = deployToken(stand.world);
    const contract = newContract();
    stand.once('soroban.authorization.signed.stored', () =>
      stand.world.rpc.ledger.freeze(balanceEntry(token, contract)),
    );
    const ids = await stand.database.accept(stand.world.want(contract, XLM));
    const [payout] = await stand.database.reached(ids, 'failed', 'indeterminate');
    expect(payout?.reason_code).toBe('AUTHORIZATION_EXPIRED');
    expect(payout?.reason_detail).toContain('TX_FROZEN_KEY_ACCESSED');
  });
});

describe('an envelope that declares too little', () => {
  let proxy: FaultProxy;

  beforeEach(async () => {
    proxy = await startFaultProxy(stand.world.rpc.url);
    await stand.restartThrough(proxy.url);
  });
  afterEach(() => proxy.close());

  test('is given up at once for one with more, on the same number', async () => {
    const token = deployToken(stand.world);
    const contract = newContract();
    stand.once('soroban.preflight.done', () =>
      proxy.fail({ kind: 'lie', result: { minResourceFee: '100' } }, 'simulateTransaction'),
    );
    const ids = await stand.database.accept(stand.world.want(contract, XLM));
    await eventually(async () => (await attemptsOf(stand.database, ids)).some(({ state }) => state === 'superseded'));
    proxy.clear();
    stand.world.close(300);
    await stand.database.reached(ids, 'completed');
    const attempts = await attemptsOf(stand.database, ids);
    expect(attempts[0]).toMatchObject({ state: 'superseded', outcome: 'TX_SOROBAN_INVALID' });
    expect(new Set(attempts.map(({ sequence }) => sequence)).size).toBe(1);
    expect(heldBy(stand.world, token, contract)).toBe(XLM);
  });

  test('and fails on the ledger for that is followed by one with more', async () => {
    const token = deployToken(stand.world);
    const contract = newContract();
    let id = '';
    stand.once('soroban.authorization.signed.stored', async () => {
      const { data } = (await foreignCall(stand.world, stand.database, id)).simulation;
      const { footprint, instructions, diskReadBytes, writeBytes } = data.resources;
      // Too little with a quarter more, enough with half as much again.
      const fewer = Math.floor(instructions * 0.7);
      const resources = new xdr.SorobanResources({ footprint, instructions: fewer, diskReadBytes, writeBytes });
      const told = new xdr.SorobanTransactionData({ ext: data.ext, resources, resourceFee: data.resourceFee });
      proxy.fail({ kind: 'lie', result: { transactionData: told.toXdr('base64') } }, 'simulateTransaction');
    });
    [id = ''] = await stand.database.accept(stand.world.want(contract, XLM));
    await stand.database.reached([id], 'completed');
    const attempts = await attemptsOf(stand.database, [id]);
    expect(attempts.map(({ state }) => state)).toEqual(['failed', 'succeeded']);
    const { rows } = await stand.database.pool.query('select failed_operations from stellar_attempts where id = $1', [
      attempts[0]?.id,
    ]);
    expect(rows[0].failed_operations).toEqual([{ index: 0, code: 'INVOKE_HOST_FUNCTION_RESOURCE_LIMIT_EXCEEDED' }]);
    expect(heldBy(stand.world, token, contract)).toBe(XLM);
  });
});
