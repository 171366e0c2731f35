import { describe, expect, test } from '@jest/globals';
import { xdr } from '@stellar/stellar-sdk/base';
import { readResult } from './result.ts';
import { readSendAnswer } from './send-verdict.ts';

const result = (of: xdr.TransactionResultResult) =>
  // By way of its bytes, as it comes from a node.
  xdr.TransactionResult.fromXdr(
    new xdr.TransactionResult({ feeCharged: 100n, result: of, ext: xdr.TransactionResultExt.v0() }).toXdr('base64'),
    'base64',
  );
const inner = (tr: xdr.OperationResultTr) => xdr.OperationResult.opInner(tr);
const payment = (of: xdr.PaymentResult) => inner(xdr.OperationResultTr.payment(of));
const creation = (of: xdr.CreateAccountResult) => inner(xdr.OperationResultTr.createAccount(of));
const bump = (of: xdr.BumpSequenceResult) => inner(xdr.OperationResultTr.bumpSequence(of));
const failed = (...operations: xdr.OperationResult[]) => result(xdr.TransactionResultResult.txFailed(operations));

describe('readResult', () => {
  test('tells success', () => {
    const operations = [
      payment(xdr.PaymentResult.paymentSuccess()),
      bump(xdr.BumpSequenceResult.bumpSequenceSuccess()),
    ];
    expect(readResult(result(xdr.TransactionResultResult.txSuccess(operations)))).toEqual({ kind: 'success' });
  });

  test('names every operation that failed, and who is to blame', () => {
    const reading = readResult(
      failed(
        payment(xdr.PaymentResult.paymentSuccess()),
        payment(xdr.PaymentResult.paymentNoDestination()),
        payment(xdr.PaymentResult.paymentUnderfunded()),
        creation(xdr.CreateAccountResult.createAccountLowReserve()),
        creation(xdr.CreateAccountResult.createAccountAlreadyExist()),
        xdr.OperationResult.opBadAuth(),
        bump(xdr.BumpSequenceResult.bumpSequenceBadSeq()),
      ),
    );
    expect(reading).toEqual({
      kind: 'failed',
      code: 'TX_FAILED',
      faults: [
        { index: 1, code: 'PAYMENT_NO_DESTINATION', blame: 'payout' },
        { index: 2, code: 'PAYMENT_UNDERFUNDED', blame: 'treasury' },
        { index: 3, code: 'CREATE_ACCOUNT_LOW_RESERVE', blame: 'payout' },
        { index: 4, code: 'CREATE_ACCOUNT_ALREADY_EXIST', blame: 'passing' },
        { index: 5, code: 'OP_BAD_AUTH', blame: 'setup' },
        { index: 6, code: 'BUMP_SEQUENCE_BAD_SEQ', blame: 'setup' },
      ],
    });
  });

  test.each([
    [xdr.PaymentResult.paymentMalformed(), 'payout'],
    [xdr.PaymentResult.paymentNoTrust(), 'payout'],
    [xdr.PaymentResult.paymentNotAuthorized(), 'payout'],
    [xdr.PaymentResult.paymentLineFull(), 'payout'],
    [xdr.PaymentResult.paymentNoIssuer(), 'payout'],
    [xdr.PaymentResult.paymentSrcNoTrust(), 'treasury'],
    [xdr.PaymentResult.paymentSrcNotAuthorized(), 'treasury'],
  ])('blames for a payment: %#', (of, blame) => {
    expect(readResult(failed(payment(of)))).toMatchObject({ faults: [{ index: 0, blame }] });
  });

  test('reads through a fee bump that somebody put around it', () => {
    const wrapped = (of: xdr.InnerTransactionResultResult) => {
      const innerResult = new xdr.InnerTransactionResult({
        feeCharged: 0n,
        result: of,
        ext: xdr.InnerTransactionResultExt.v0(),
      });
      return new xdr.InnerTransactionResultPair({ transactionHash: new Uint8Array(32), result: innerResult });
    };
    const good = wrapped(xdr.InnerTransactionResultResult.txSuccess([]));
    const bad = wrapped(xdr.InnerTransactionResultResult.txFailed([payment(xdr.PaymentResult.paymentNoDestination())]));
    expect(readResult(result(xdr.TransactionResultResult.txFeeBumpInnerSuccess(good)))).toEqual({ kind: 'success' });
    expect(readResult(result(xdr.TransactionResultResult.txFeeBumpInnerFailed(bad)))).toMatchObject({
      kind: 'failed',
      faults: [{ index: 0, code: 'PAYMENT_NO_DESTINATION' }],
    });
  });
});

describe('readSendAnswer', () => {
  const refused = (of: xdr.TransactionResultResult) => readSendAnswer({ status: 'ERROR', result: result(of) });

  test.each(['PENDING', 'DUPLICATE'] as const)('%s: the network has it', (status) => {
    expect(readSendAnswer({ status })).toEqual({ kind: 'accepted' });
  });

  test('TRY_AGAIN_LATER is never a failure', () => {
    expect(readSendAnswer({ status: 'TRY_AGAIN_LATER' })).toMatchObject({ kind: 'again' });
  });

  test.each([
    [xdr.TransactionResultResult.txBadSeq(), 'number-used', 'TX_BAD_SEQ'],
    [xdr.TransactionResultResult.txTooEarly(), 'again', 'TX_TOO_EARLY'],
    [xdr.TransactionResultResult.txInternalError(), 'again', 'TX_INTERNAL_ERROR'],
    [xdr.TransactionResultResult.txTooLate(), 'hopeless', 'TX_TOO_LATE'],
    [xdr.TransactionResultResult.txInsufficientFee(), 'hopeless', 'TX_INSUFFICIENT_FEE'],
    [xdr.TransactionResultResult.txInsufficientBalance(), 'hopeless', 'TX_INSUFFICIENT_BALANCE'],
    [xdr.TransactionResultResult.txFrozenKeyAccessed(), 'hopeless', 'TX_FROZEN_KEY_ACCESSED'],
    [xdr.TransactionResultResult.txBadAuth(), 'quarantine', 'TX_BAD_AUTH'],
    [xdr.TransactionResultResult.txBadAuthExtra(), 'quarantine', 'TX_BAD_AUTH_EXTRA'],
    [xdr.TransactionResultResult.txMalformed(), 'quarantine', 'TX_MALFORMED'],
    [xdr.TransactionResultResult.txMissingOperation(), 'quarantine', 'TX_MISSING_OPERATION'],
    [xdr.TransactionResultResult.txNotSupported(), 'quarantine', 'TX_NOT_SUPPORTED'],
    [xdr.TransactionResultResult.txBadSponsorship(), 'quarantine', 'TX_BAD_SPONSORSHIP'],
    [xdr.TransactionResultResult.txNoAccount(), 'quarantine', 'TX_NO_ACCOUNT'],
    [xdr.TransactionResultResult.txBadMinSeqAgeOrGap(), 'quarantine', 'TX_BAD_MIN_SEQ_AGE_OR_GAP'],
    [xdr.TransactionResultResult.txSorobanInvalid(), 'hopeless', 'TX_SOROBAN_INVALID'],
  ])('%#: %p', (of, kind, code) => {
    expect(refused(of)).toMatchObject({ kind, reason: { code } });
  });

  test('a failure before the ledger keeps what it names', () => {
    const of = xdr.TransactionResultResult.txFailed([payment(xdr.PaymentResult.paymentMalformed())]);
    expect(refused(of)).toMatchObject({ kind: 'hopeless', faults: [{ index: 0, code: 'PAYMENT_MALFORMED' }] });
  });

  test('a failure of an operation that never should fail so is for a person', () => {
    const of = xdr.TransactionResultResult.txFailed([
      payment(xdr.PaymentResult.paymentSuccess()),
      xdr.OperationResult.opBadAuth(),
    ]);
    expect(refused(of)).toMatchObject({ kind: 'quarantine', reason: { code: 'OP_BAD_AUTH' } });
  });

  test('an error that says nothing, or that it is none, decides nothing', () => {
    expect(readSendAnswer({ status: 'ERROR', result: undefined })).toMatchObject({ kind: 'again' });
    expect(refused(xdr.TransactionResultResult.txSuccess([]))).toMatchObject({ kind: 'again' });
  });
});
