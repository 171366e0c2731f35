import { describe, expect, test } from '@jest/globals';
import { Asset, LiquidityPoolAsset, Operation } from '@stellar/stellar-sdk/base';
import {
  LedgerBounds,
  Preconditions,
  PreconditionsV2,
  SignerKey,
  SorobanTransactionData,
  Transaction,
  TransactionEnvelope,
  TransactionExt,
  TransactionV0,
  TransactionV0Envelope,
  TransactionV0Ext,
  TransactionV1Envelope,
} from '@stellar/stellar-sdk/xdr';
import { createHarness, LUMEN, newKeys, timeBounds } from '../testing/harness.ts';
import { bump, create, pay, set } from '../testing/operations.ts';

const success = { result: { tx_success: expect.anything() } };

function preconditions(part: Partial<ConstructorParameters<typeof PreconditionsV2>[0]>): Preconditions {
  return Preconditions.precondV2(
    new PreconditionsV2({
      timeBounds: null,
      ledgerBounds: null,
      minSeqNum: null,
      minSeqAge: 0n,
      minSeqLedgerGap: 0,
      extraSigners: [],
      ...part,
    }),
  );
}

describe('sequence numbers', () => {
  test('only the next number is good', () => {
    const { fund, refused, apply, account } = createHarness();
    const alice = fund(10n * LUMEN);
    const { sequence } = account(alice);
    for (const wrong of [sequence - 1n, sequence, sequence + 2n, -1n, 0n]) {
      expect(refused({ source: alice, sequence: wrong, operations: [bump(0n)] })).toMatchObject({
        result: 'tx_bad_seq',
      });
    }
    expect(apply({ source: alice, sequence: sequence + 1n, operations: [bump(0n)] })).toMatchObject(success);
    expect(account(alice).sequence).toBe(sequence + 1n);
  });

  test('a number that an account created in the next ledger would start with is bad', () => {
    const { fund, apply, refused, ledger } = createHarness();
    const alice = fund(10n * LUMEN);
    const starting = BigInt(ledger.latest().sequence + 2) << 32n;
    apply({ source: alice, operations: [bump(starting - 1n)] });
    expect(refused({ source: alice, sequence: starting, operations: [bump(0n)] })).toMatchObject({
      result: 'tx_bad_seq',
    });
  });

  test('a failed transaction spends its number and its fee', () => {
    const { fund, apply, account } = createHarness();
    const alice = fund(10n * LUMEN);
    const before = account(alice);
    expect(apply({ source: alice, operations: [pay(newKeys(), 1n)] })).toMatchObject({
      fee_charged: '100',
      result: { tx_failed: expect.anything() },
    });
    expect(account(alice)).toMatchObject({ sequence: before.sequence + 1n, balance: before.balance - 100n });
  });

  test('a number spent by another transaction of the same ledger is bad on the ledger: the fee is taken, nothing else', () => {
    const { root, fund, send, close, account, resultOf } = createHarness();
    const alice = fund(10n * LUMEN);
    let onLedger: unknown;
    for (let amount = 1n; amount <= 40n && onLedger === undefined; amount++) {
      const before = account(alice);
      const own = send({ source: alice, operations: [bump(0n)] });
      const operations = [bump(before.sequence + 10n, alice), pay(alice, amount)];
      const other = send({ source: root, operations, signers: [root, alice] });
      close();
      if (own.status !== 'PENDING' || other.status !== 'PENDING') throw new Error('not queued');
      const result = resultOf(own.hash);
      if (!JSON.stringify(result).includes('tx_bad_seq')) continue;
      onLedger = result;
      expect(account(alice)).toMatchObject({
        sequence: before.sequence + 10n,
        balance: before.balance - 100n + amount,
      });
    }
    expect(onLedger).toMatchObject({ fee_charged: '100', result: 'tx_bad_seq' });
  });
});

describe('time bounds', () => {
  test('a transaction is too early until a ledger has closed at its minimum time', () => {
    const { root, now, refused, close, apply } = createHarness();
    const draft = { source: root, operations: [bump(0n)], preconditions: timeBounds(now() + 5n, 0n) };
    expect(refused(draft)).toMatchObject({ result: 'tx_too_early' });
    close(4n);
    expect(refused(draft)).toMatchObject({ result: 'tx_too_early' });
    close(1n);
    expect(apply(draft)).toMatchObject(success);
  });

  test('one that expires within two ledgers is refused as too late', () => {
    const { root, now, refused, apply } = createHarness();
    const until = (maxTime: bigint) => ({
      source: root,
      operations: [bump(0n)],
      preconditions: timeBounds(0n, maxTime),
    });
    expect(refused(until(now() + 9n))).toMatchObject({ result: 'tx_too_late' });
    expect(apply(until(now() + 10n))).toMatchObject(success);
  });

  test('one that expires before it is included is dropped, spends nothing, and its hash is banned', () => {
    const { root, now, envelope, send, close, ledger, account } = createHarness();
    const { sequence, balance } = account(root);
    const late = envelope({ source: root, operations: [bump(0n)], preconditions: timeBounds(0n, now() + 10n) });
    const answer = send(late);
    close(11n);
    expect(answer.status === 'PENDING' && ledger.transaction(answer.hash)).toBeUndefined();
    expect(account(root)).toMatchObject({ sequence, balance });
    expect(send(late).status).toBe('TRY_AGAIN_LATER');
  });

  test('the last second counts', () => {
    const { root, now, envelope, send, close, resultOf } = createHarness();
    const answer = send(envelope({ source: root, operations: [bump(0n)], preconditions: timeBounds(0n, now() + 10n) }));
    close(10n);
    expect(answer.status === 'PENDING' && resultOf(answer.hash)).toMatchObject(success);
  });
});

describe('fees and balances', () => {
  test('less than the base fee an operation is insufficient, and the refusal tells how much is needed', () => {
    const { root, refused, apply } = createHarness();
    const operations = [bump(0n), bump(0n), bump(0n)];
    expect(refused({ source: root, operations, fee: 299 })).toMatchObject({
      fee_charged: '300',
      result: 'tx_insufficient_fee',
    });
    expect(apply({ source: root, operations, fee: 300 })).toMatchObject({ fee_charged: '300' });
  });

  test('more is offered, not charged', () => {
    const { root, apply } = createHarness();
    expect(apply({ source: root, operations: [bump(0n)], fee: 1_000_000 })).toMatchObject({ fee_charged: '100' });
  });

  test('the source must be able to pay all that it offers above its reserve', () => {
    const { fund, refused, apply } = createHarness();
    const alice = fund(LUMEN + 200n);
    const draft = { source: alice, operations: [bump(0n)] };
    expect(refused({ ...draft, fee: 201 })).toMatchObject({ result: 'tx_insufficient_balance' });
    expect(apply({ ...draft, fee: 200 })).toMatchObject(success);
  });
});

describe('accounts and content', () => {
  test('a source that does not exist', () => {
    const { refused } = createHarness();
    expect(refused({ source: newKeys(), sequence: 1n, operations: [bump(0n)] })).toMatchObject({
      result: 'tx_no_account',
    });
  });

  test('no operation at all', () => {
    const { root, refused } = createHarness();
    expect(refused({ source: root, operations: [], fee: 100 })).toMatchObject({ result: 'tx_missing_operation' });
  });

  test('operations that are not modelled are not supported, and spend nothing', () => {
    const { root, refused, account } = createHarness();
    const others = [
      Operation.changeTrust({
        asset: new LiquidityPoolAsset(Asset.native(), new Asset('USD', newKeys().publicKey()), 30),
      }),
      Operation.accountMerge({ destination: newKeys().publicKey() }),
      Operation.inflation({}),
    ];
    for (const other of others) {
      expect(refused({ source: root, operations: [bump(0n), other] })).toMatchObject({ result: 'tx_not_supported' });
    }
    expect(account(root).sequence).toBe(0n);
  });

  test('a V0 envelope is not supported', () => {
    const { root, envelope, refused } = createHarness();
    const v1 = envelope({ source: root, operations: [bump(0n)] });
    if (v1.type !== 'envelopeTypeTx') throw new Error(v1.type);
    const { fee, seqNum, memo, operations } = v1.v1.tx;
    const tx = new TransactionV0({
      sourceAccountEd25519: root.rawPublicKey(),
      fee,
      seqNum,
      timeBounds: null,
      memo,
      operations,
      ext: TransactionV0Ext.v0(),
    });
    const v0 = TransactionEnvelope.envelopeTypeTxV0(new TransactionV0Envelope({ tx, signatures: v1.v1.signatures }));
    expect(refused(v0)).toMatchObject({ result: 'tx_not_supported' });
  });

  test('contract resources on a classic transaction are malformed', () => {
    const { root, envelope, refused } = createHarness();
    const classic = envelope({ source: root, operations: [bump(0n)] });
    if (classic.type !== 'envelopeTypeTx') throw new Error(classic.type);
    const { tx, signatures } = classic.v1;
    const data = SorobanTransactionData.fromXdr('AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=', 'base64');
    const withData = new Transaction({ ...tx, ext: TransactionExt.sorobanData(data) });
    const odd = TransactionEnvelope.envelopeTypeTx(new TransactionV1Envelope({ tx: withData, signatures }));
    expect(refused(odd)).toMatchObject({ result: 'tx_malformed' });
  });

  test('bytes that are no envelope are told apart from transactions', () => {
    const { ledger, root, envelope, now } = createHarness();
    const good = envelope({ source: root, operations: [bump(0n)] }).toXdr();
    expect(ledger.submit(good.subarray(1), now())).toEqual({ status: 'MALFORMED' });
    expect(ledger.submit(Uint8Array.of(...good, 0, 0, 0, 0), now())).toEqual({ status: 'MALFORMED' });
    expect(ledger.submit(good, now())).toMatchObject({ status: 'PENDING' });
  });
});

describe('a failed transaction', () => {
  test('reports every operation, also those after the first failure, and undoes all', () => {
    const { root, fund, apply, account } = createHarness();
    const bob = fund(10n * LUMEN);
    const carol = newKeys();
    const operations = [
      create(carol, 5n * LUMEN),
      pay(newKeys(), 1n),
      pay(carol, LUMEN),
      create(bob, LUMEN),
      set({ homeDomain: 'x' }),
    ];
    const { balance } = account(root);
    expect(apply({ source: root, operations })).toMatchObject({
      result: {
        tx_failed: [
          { op_inner: { create_account: 'success' } },
          { op_inner: { payment: 'no_destination' } },
          { op_inner: { payment: 'success' } },
          { op_inner: { create_account: 'already_exist' } },
          { op_inner: { set_options: 'success' } },
        ],
      },
    });
    expect(account(root)).toMatchObject({ balance: balance - 500n, homeDomain: '' });
    expect(() => account(carol)).toThrow('no account');
  });

  test('refused before the ledger reports success for what was not reached', () => {
    const { root, refused } = createHarness();
    expect(refused({ source: root, operations: [pay(root, 0n), pay(root, 0n)] })).toMatchObject({
      result: { tx_failed: [{ op_inner: { payment: 'malformed' } }, { op_inner: { payment: 'success' } }] },
    });
  });
});

describe('preconditions of CAP-21', () => {
  test('a lowest sequence number lets numbers be skipped', () => {
    const { fund, account, refused, apply } = createHarness();
    const alice = fund(10n * LUMEN);
    const { sequence } = account(alice);
    const skipping = (minSeqNum: bigint, to: bigint) => ({
      source: alice,
      sequence: to,
      operations: [bump(0n)],
      preconditions: preconditions({ minSeqNum }),
    });
    expect(refused(skipping(sequence + 1n, sequence + 10n))).toMatchObject({ result: 'tx_bad_seq' });
    expect(refused(skipping(sequence, sequence))).toMatchObject({ result: 'tx_bad_seq' });
    expect(apply(skipping(sequence, sequence + 10n))).toMatchObject(success);
    expect(account(alice).sequence).toBe(sequence + 10n);
  });

  test('ledger bounds count the ledger to come', () => {
    const { root, ledger, refused, apply } = createHarness();
    const within = (minLedger: number, maxLedger: number) => ({
      source: root,
      operations: [bump(0n)],
      preconditions: preconditions({ ledgerBounds: new LedgerBounds({ minLedger, maxLedger }) }),
    });
    const next = ledger.latest().sequence + 1;
    expect(refused(within(next + 1, 0))).toMatchObject({ result: 'tx_too_early' });
    expect(refused(within(0, next))).toMatchObject({ result: 'tx_too_late' });
    expect(apply(within(next, next + 1))).toMatchObject(success);
  });

  test('age and gap since the sequence number was set', () => {
    const { fund, refused, apply, close } = createHarness();
    const alice = fund(10n * LUMEN);
    apply({ source: alice, operations: [bump(0n)] });
    const old = (minSeqAge: bigint, minSeqLedgerGap: number) => ({
      source: alice,
      operations: [bump(0n)],
      preconditions: preconditions({ minSeqAge, minSeqLedgerGap }),
    });
    const tooYoung = { result: 'tx_bad_min_seq_age_or_gap' };
    expect(refused(old(5n, 0))).toMatchObject(tooYoung);
    expect(refused(old(0n, 2))).toMatchObject(tooYoung);
    close(5n);
    expect(refused(old(6n, 0))).toMatchObject(tooYoung);
    expect(refused(old(0n, 3))).toMatchObject(tooYoung);
    expect(apply(old(5n, 2))).toMatchObject(success);
  });

  test('extra signers must sign too', () => {
    const { root, refused, apply } = createHarness();
    const [one, two] = [newKeys(), newKeys()];
    const key = (keys: typeof one) => SignerKey.signerKeyTypeEd25519(keys.rawPublicKey());
    const draft = (extraSigners: SignerKey[], signers: (typeof one)[]) => ({
      source: root,
      operations: [bump(0n)],
      preconditions: preconditions({ extraSigners }),
      signers,
    });
    expect(refused(draft([key(one), key(two)], [root, one]))).toMatchObject({ result: 'tx_bad_auth' });
    expect(refused(draft([key(one), key(one)], [root, one]))).toMatchObject({ result: 'tx_malformed' });
    const hash = SignerKey.signerKeyTypeHashX(new Uint8Array(32));
    expect(refused(draft([hash], [root]))).toMatchObject({ result: 'tx_not_supported' });
    expect(apply(draft([key(one), key(two)], [root, one, two]))).toMatchObject(success);
  });
});
