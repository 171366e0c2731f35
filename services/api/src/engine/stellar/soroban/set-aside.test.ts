import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Operation, xdr } from '@stellar/stellar-sdk/base';
import { deployToken, heldBy, newContract, sorobanWorld } from '../../../../testing/engine/contracts.ts';
import { type FaultProxy, startFaultProxy } from '../../../../testing/engine/fault-proxy.ts';
import { attemptsOf, wayOf } from '../../../../testing/engine/records.ts';
import { useStellarStand } from '../../../../testing/engine/stellar-stand.ts';
import { eventually } from '../../../../testing/engine/wait-for.ts';

const XLM = 10_000_000n;
const stand = useStellarStand(sorobanWorld({ authorizationLedgers: 100n }));

describe('a channel that somebody else uses', () => {
  test('sets the payout that holds it aside, which ends when its authorization has expired', async () => {
    await stand.beginAgain({ ...sorobanWorld({ authorizationLedgers: 60n }), channels: 1 });
    const token = deployToken(stand.world);
    const contract = newContract();
    const [channel = ''] = stand.world.chain.treasuries[0]?.channels ?? [];
    const next = () => `${(stand.world.rpc.ledger.account(channel)?.sequence ?? 0n) + 1n}`;
    stand.once('soroban.authorization.signed.stored', () => {
      stand.world.actAsAdmin(channel, Operation.bumpSequence({ bumpTo: next() }));
      stand.world.close();
    });
    const ids = await stand.database.accept(stand.world.want(contract, XLM));
    const [aside] = await stand.database.reached(ids, 'indeterminate');
    expect(aside?.reason_code).toBe('CHANNEL_FOREIGN_USE');
    const [payout] = await stand.database.reached(ids, 'failed');
    expect(payout?.reason_detail).toContain('CHANNEL_FOREIGN_USE');
    expect(heldBy(stand.world, token, contract)).toBe(0n);
  });
});

describe('a node', () => {
  let proxy: FaultProxy;

  beforeEach(async () => {
    proxy = await startFaultProxy(stand.world.rpc.url);
    await stand.restartThrough(proxy.url);
  });
  afterEach(() => proxy.close());

  test('that finds our envelope after all ends a payout that was set aside: it is paid', async () => {
    const token = deployToken(stand.world);
    const contract = newContract();
    stand.once('stellar.submit.stored', async () => {
      await eventually(() => heldBy(stand.world, token, contract) === XLM);
      const result = { status: 'NOT_FOUND', oldestLedger: 1, latestLedgerCloseTime: 9_999_999_999 };
      proxy.fail({ kind: 'lie', result }, 'getTransaction');
    });
    const [id = ''] = await stand.database.accept(stand.world.want(contract, XLM));
    const [aside] = await stand.database.reached([id], 'indeterminate');
    expect(aside?.reason_code).toBe('CHANNEL_FOREIGN_USE');
    proxy.clear();
    await stand.database.reached([id], 'completed');
    const next = await stand.database.accept(stand.world.want(newContract(), XLM));
    await stand.database.reached(next, 'completed');
  });

  test('that has an envelope failed as none of ours should quarantines the channel; nothing is paid twice', async () => {
    const token = deployToken(stand.world);
    const contract = newContract();
    stand.world.rpc.faults.add({ fault: { kind: 'lose' }, times: 1 });
    const result = new xdr.TransactionResult({
      feeCharged: 100n,
      result: xdr.TransactionResultResult.txFailed([xdr.OperationResult.opBadAuth()]),
      ext: xdr.TransactionResultExt.v0(),
    });
    const told = { status: 'FAILED', ledger: 2, resultXdr: result.toXdr('base64') };
    stand.once('stellar.submit.stored', () => proxy.fail({ kind: 'lie', result: told }, 'getTransaction'));
    const ids = await stand.database.accept(stand.world.want(contract, XLM));
    const [aside] = await stand.database.reached(ids, 'indeterminate');
    expect(aside?.reason_code).toBe('OP_BAD_AUTH');
    expect(await stand.metric('countersign_engine_alarms_total', { reason: 'OP_BAD_AUTH' })).toBe(1);
    proxy.clear();
    const [payout] = await stand.database.reached(ids, 'failed');
    expect(payout?.reason_code).toBe('AUTHORIZATION_EXPIRED');
    expect(heldBy(stand.world, token, contract)).toBe(0n);
  });

  test('that is behind with the nonce of a payout that is paid makes nobody a stranger', async () => {
    const token = deployToken(stand.world);
    const contract = newContract();
    stand.world.rpc.faults.add({ fault: { kind: 'lose' }, times: 1 });
    const [id = ''] = await stand.database.accept(stand.world.want(contract, XLM));
    await eventually(async () => (await attemptsOf(stand.database, [id]))[0]?.sent === true);
    const stale = { latestLedger: 1, entries: [] };
    proxy.fail({ kind: 'lie', result: stale }, 'getLedgerEntries');
    stand.world.close(300);
    const { sequence } = stand.world.rpc.ledger.latest();
    await eventually(() => stand.world.rpc.ledger.latest().sequence > sequence + 20);
    expect((await stand.database.payouts([id]))[0]?.status).not.toBe('indeterminate');
    proxy.clear();
    await stand.database.reached([id], 'completed');
    expect(heldBy(stand.world, token, contract)).toBe(XLM);
    expect(await wayOf(stand.database, id)).not.toContain('indeterminate');
  });
});
