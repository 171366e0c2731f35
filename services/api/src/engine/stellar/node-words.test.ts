import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { xdr } from '@stellar/stellar-sdk/base';
import { type FaultProxy, startFaultProxy } from '../../../testing/engine/fault-proxy.ts';
import { attemptsOf } from '../../../testing/engine/records.ts';
import { useStellarStand } from '../../../testing/engine/stellar-stand.ts';
import { eventually } from '../../../testing/engine/wait-for.ts';

const XLM = 10_000_000n;
const stand = useStellarStand();

describe('what a node says', () => {
  let proxy: FaultProxy;

  beforeEach(async () => {
    proxy = await startFaultProxy(stand.world.rpc.url);
    await stand.restartThrough(proxy.url);
  });
  afterEach(() => proxy.close());

  const result = (of: xdr.TransactionResultResult) =>
    new xdr.TransactionResult({ feeCharged: 100n, result: of, ext: xdr.TransactionResultExt.v0() }).toXdr('base64');
  /** The node has the transaction failed in a ledger; in truth it has lost it. */
  const sayFailed = (of: xdr.TransactionResultResult) => {
    stand.world.rpc.faults.add({ fault: { kind: 'lose' }, times: 1 });
    const told = { status: 'FAILED', ledger: 2, resultXdr: result(of) };
    stand.once('stellar.submit.stored', () => proxy.fail({ kind: 'lie', result: told }, 'getTransaction'));
  };

  test.each([
    ['the transaction as a whole', xdr.TransactionResultResult.txBadAuth(), 'TX_BAD_AUTH'],
    ['an operation', xdr.TransactionResultResult.txFailed([xdr.OperationResult.opNotSupported()]), 'OP_NOT_SUPPORTED'],
  ])(
    'of %s that no payout of ours should meet quarantines the channel; its payouts end unpaid',
    async (_of, of, code) => {
      const [account = ''] = await stand.world.newAccounts(1);
      sayFailed(of);
      const ids = await stand.database.accept(stand.world.want(account, XLM));
      const [payout] = await stand.database.reached(ids, 'failed');
      expect(payout?.reason_code).toBe(code);
      const { rows } = await stand.database.pool.query(
        `select reason_code from stellar_channels where state = 'quarantined'`,
      );
      expect(rows).toEqual([{ reason_code: code }]);
      expect(await stand.metric('countersign_engine_alarms_total', { reason: code })).toBe(1);
    },
  );

  test('of an empty purse on the ledger is no reason to end anything: the next attempt takes the number that is free', async () => {
    const [account = ''] = await stand.world.newAccounts(1);
    sayFailed(xdr.TransactionResultResult.txInsufficientBalance());
    const ids = await stand.database.accept(stand.world.want(account, XLM));
    await eventually(async () => (await attemptsOf(stand.database, ids)).length === 2);
    proxy.clear();
    await stand.database.reached(ids, 'completed');
    const attempts = await attemptsOf(stand.database, ids);
    expect(attempts[0]?.sequence).toBe(attempts[1]?.sequence);
    expect(stand.world.balance(account)).toBe(11n * XLM);
  });

  test('before the ledger spends nothing: the payout that it names ends after the expiry, the others are paid', async () => {
    const accounts = await stand.world.newAccounts(2);
    const operations = [
      xdr.OperationResult.opInner(xdr.OperationResultTr.payment(xdr.PaymentResult.paymentSuccess())),
      xdr.OperationResult.opInner(xdr.OperationResultTr.payment(xdr.PaymentResult.paymentMalformed())),
    ];
    const errorResultXdr = result(xdr.TransactionResultResult.txFailed(operations));
    stand.world.rpc.faults.add({ fault: { kind: 'lose' }, times: 1 });
    proxy.fail({ kind: 'lie', result: { status: 'ERROR', errorResultXdr } }, 'sendTransaction');
    stand.once('stellar.submit.stored', () =>
      proxy.fail({ kind: 'lie', result: { status: 'TRY_AGAIN_LATER' } }, 'sendTransaction'),
    );
    const ids = await stand.database.accept(...accounts.map((account) => stand.world.want(account, XLM)));
    await stand.letExpire(ids, 1);
    proxy.clear();
    stand.world.rpc.faults.clear();
    const payouts = await stand.database.reached(ids, 'completed', 'failed');
    expect(payouts.map(({ status, reason_code }) => [status, reason_code])).toEqual([
      ['completed', null],
      ['failed', 'PAYMENT_MALFORMED'],
    ]);
    const [first, second] = await attemptsOf(stand.database, ids);
    expect(first?.sequence).toBe(second?.sequence);
  });

  test.each([
    ['getTransaction', { status: 'FOUND' }],
    ['getTransaction', { status: 'SUCCESS', ledger: 5, resultXdr: 'AAAA' }],
    ['getLedgerEntries', { latestLedger: 'soon' }],
    ['getLedgerEntries', { entries: [{ xdr: 'AAAA' }] }],
    ['getFeeStats', { inclusionFee: null }],
  ])('in a shape that %s should not have (%p) is taken for no answer', async (method, told) => {
    const [account = ''] = await stand.world.newAccounts(1);
    proxy.fail({ kind: 'lie', result: told }, method);
    const ids = await stand.database.accept(stand.world.want(account, XLM));
    await stand.database.showing(ids, 'CHAIN_UNAVAILABLE');
    proxy.clear();
    await stand.database.reached(ids, 'completed');
    expect(stand.world.balance(account)).toBe(11n * XLM);
  });
});
