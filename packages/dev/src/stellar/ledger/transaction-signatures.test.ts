import { describe, expect, test } from '@jest/globals';
import { type Operation as OperationEntry, TransactionEnvelope, TransactionV1Envelope } from '@stellar/stellar-sdk/xdr';
import { createHarness, LUMEN, newKeys } from '../testing/harness.ts';
import { bump, create, pay, set, signer } from '../testing/operations.ts';

const success = { result: { tx_success: expect.anything() } };

describe('signatures and thresholds', () => {
  test('no signature, a stranger’s, and one over something else are bad', () => {
    const { root, fund, envelope, refused } = createHarness();
    const alice = fund(10n * LUMEN);
    const draft = { source: alice, operations: [bump(0n)] };
    expect(refused({ ...draft, signers: [] })).toMatchObject({ result: 'tx_bad_auth' });
    expect(refused({ ...draft, signers: [root] })).toMatchObject({ result: 'tx_bad_auth' });
    const [mine, other] = [envelope(draft), envelope({ ...draft, operations: [bump(1n)] })];
    if (mine.type !== 'envelopeTypeTx' || other.type !== 'envelopeTypeTx') throw new Error('not V1');
    const swapped = new TransactionV1Envelope({ tx: mine.v1.tx, signatures: other.v1.signatures });
    expect(refused(TransactionEnvelope.envelopeTypeTx(swapped))).toMatchObject({ result: 'tx_bad_auth' });
  });

  test('a signature too many, also the same twice, is bad auth extra', () => {
    const { root, refused } = createHarness();
    const draft = { source: root, operations: [bump(0n)] };
    expect(refused({ ...draft, signers: [root, newKeys()] })).toMatchObject({ result: 'tx_bad_auth_extra' });
    expect(refused({ ...draft, signers: [root, root] })).toMatchObject({ result: 'tx_bad_auth_extra' });
  });

  test('each kind of operation needs its level: bump low, payment medium, signers high', () => {
    const { fund, apply, refused } = createHarness();
    const alice = fund(10n * LUMEN);
    const [low, medium, high] = [newKeys(), newKeys(), newKeys()];
    const weights = [signer(low, 1), signer(medium, 2), signer(high, 3)];
    apply({
      source: alice,
      operations: [
        ...weights.map((each) => set({ signer: each })),
        set({ masterWeight: 0, lowThreshold: 1, medThreshold: 2, highThreshold: 3 }),
      ],
    });
    const badAuth = { result: { tx_failed: ['op_bad_auth'] } };
    const attempt = (operation: OperationEntry) => ({ source: alice, operations: [operation] });
    expect(apply({ ...attempt(bump(0n)), signers: [low] })).toMatchObject(success);
    expect(refused({ ...attempt(pay(alice, 1n)), signers: [low] })).toMatchObject(badAuth);
    expect(apply({ ...attempt(pay(alice, 1n)), signers: [medium] })).toMatchObject(success);
    expect(refused({ ...attempt(create(newKeys(), LUMEN)), signers: [low] })).toMatchObject(badAuth);
    expect(refused({ ...attempt(set({ homeDomain: 'x' })), signers: [low] })).toMatchObject(badAuth);
    expect(apply({ ...attempt(set({ homeDomain: 'x' })), signers: [medium] })).toMatchObject(success);
    expect(refused({ ...attempt(set({ lowThreshold: 1 })), signers: [medium] })).toMatchObject(badAuth);
    expect(refused({ ...attempt(set({ signer: signer(low, 9) })), signers: [medium] })).toMatchObject(badAuth);
    expect(apply({ ...attempt(set({ lowThreshold: 1 })), signers: [high] })).toMatchObject(success);
    expect(refused({ ...attempt(bump(0n)), signers: [alice] })).toMatchObject({ result: 'tx_bad_auth' });
  });

  test('weights add up, and a signature beyond what is needed is unused', () => {
    const { fund, apply, refused } = createHarness();
    const alice = fund(10n * LUMEN);
    const [one, two] = [newKeys(), newKeys()];
    apply({
      source: alice,
      operations: [
        set({ signer: signer(one, 1) }),
        set({ signer: signer(two, 1) }),
        set({ lowThreshold: 1, medThreshold: 2, highThreshold: 2 }),
      ],
    });
    const draft = { source: alice, operations: [pay(alice, 1n)] };
    const tooLight = { result: { tx_failed: ['op_bad_auth'] } };
    expect(refused({ ...draft, signers: [one] })).toMatchObject(tooLight);
    expect(refused({ ...draft, signers: [one, one] })).toMatchObject(tooLight);
    expect(apply({ ...draft, signers: [one, two] })).toMatchObject(success);
    expect(refused({ ...draft, signers: [one, two, alice] })).toMatchObject({ result: 'tx_bad_auth_extra' });
    expect(refused({ source: alice, operations: [bump(0n)], signers: [one, two] })).toMatchObject({
      result: 'tx_bad_auth_extra',
    });
  });

  test('a threshold of zero still takes one signature, and a master key without weight gives none', () => {
    const { fund, apply, refused } = createHarness();
    const alice = fund(10n * LUMEN);
    const draft = { source: alice, operations: [bump(0n)] };
    expect(refused({ ...draft, signers: [] })).toMatchObject({ result: 'tx_bad_auth' });
    apply({ source: alice, operations: [set({ masterWeight: 0 })] });
    expect(refused({ ...draft, signers: [alice] })).toMatchObject({ result: 'tx_bad_auth' });
  });

  test('one key signs for a channel and for the treasury that pays through it', () => {
    const { root, fund, apply, refused, account } = createHarness();
    const channel = fund(10n * LUMEN);
    const treasury = fund(100n * LUMEN);
    const bob = fund(10n * LUMEN);
    const operations = [pay(bob, LUMEN, treasury), bump(account(channel).sequence + 1000n)];
    expect(refused({ source: channel, operations, signers: [channel] })).toMatchObject({
      result: { tx_failed: ['op_bad_auth', { op_inner: { bump_sequence: 'success' } }] },
    });
    apply({
      source: channel,
      operations: [set({ signer: signer(treasury, 2), lowThreshold: 1, medThreshold: 2, highThreshold: 3 })],
    });
    const { sequence } = account(channel);
    const paying = [pay(bob, LUMEN, treasury), bump(sequence + 1000n)];
    expect(apply({ source: channel, operations: paying, signers: [treasury] })).toMatchObject(success);
    expect(account(channel)).toMatchObject({ sequence: sequence + 1000n, balance: 10n * LUMEN - 300n });
    expect(account(treasury)).toMatchObject({ balance: 99n * LUMEN });
    expect(account(root).sequence).toBe(3n);
  });

  test('the source of an operation need not exist before; then its own key must sign', () => {
    const { root, apply, refused } = createHarness();
    const bob = newKeys();
    const operations = [create(bob, 5n * LUMEN), pay(root, LUMEN, bob)];
    expect(refused({ source: root, operations })).toMatchObject({
      result: { tx_failed: [{ op_inner: { create_account: 'success' } }, 'op_bad_auth'] },
    });
    expect(apply({ source: root, operations, signers: [root, bob] })).toMatchObject(success);

    const nobody = newKeys();
    expect(apply({ source: root, operations: [pay(root, 1n, nobody)], signers: [root, nobody] })).toMatchObject({
      result: { tx_failed: ['op_no_account'] },
    });
  });

  test('an authorization lost within the ledger fails there, naming every such operation; number and fee are spent', () => {
    const { root, fund, apply, send, close, resultOf, account } = createHarness();
    const channel = fund(10n * LUMEN);
    const treasury = fund(10n * LUMEN);
    const key = newKeys();
    apply({ source: treasury, operations: [set({ signer: signer(key, 1) })] });
    let lost: unknown;
    for (let attempt = 0; attempt < 40 && lost === undefined; attempt++) {
      const before = account(channel);
      const payout = send({
        source: channel,
        operations: [pay(root, BigInt(attempt + 1), treasury), bump(0n), pay(root, 1n, treasury)],
        signers: [channel, key],
      });
      const removal = send({
        source: root,
        operations: [set({ signer: signer(key, 0) }, treasury)],
        signers: [root, treasury],
      });
      close();
      if (payout.status !== 'PENDING' || removal.status !== 'PENDING') throw new Error('not queued');
      const result = resultOf(payout.hash);
      if (JSON.stringify(result).includes('bad_auth')) {
        lost = result;
        expect(account(channel)).toMatchObject({ sequence: before.sequence + 1n, balance: before.balance - 300n });
      }
      apply({ source: treasury, operations: [set({ signer: signer(key, 1) })] });
    }
    expect(lost).toMatchObject({
      fee_charged: '300',
      result: { tx_failed: ['op_bad_auth', { op_inner: { bump_sequence: 'success' } }, 'op_bad_auth'] },
    });
  });
});

describe('a signature that is needed no more', () => {
  test('when the ledger comes to it is bad auth extra there; number and fee are spent', () => {
    const { root, fund, apply, send, close, resultOf, account } = createHarness();
    const alice = fund(10n * LUMEN);
    const key = newKeys();
    const both = set({ signer: signer(key, 1), masterWeight: 1, medThreshold: 2, highThreshold: 2 });
    apply({ source: alice, operations: [both] });
    let onLedger: unknown;
    for (let amount = 1n; amount <= 40n && onLedger === undefined; amount++) {
      const before = account(alice);
      const own = send({ source: alice, operations: [pay(alice, amount)], signers: [alice, key] });
      const operations = [set({ masterWeight: 2 }, alice)];
      const relief = send({ source: root, operations, signers: [root, alice, key] });
      close();
      if (own.status !== 'PENDING' || relief.status !== 'PENDING') throw new Error('not queued');
      const result = resultOf(own.hash);
      if (JSON.stringify(result).includes('bad_auth_extra')) {
        onLedger = result;
        expect(account(alice)).toMatchObject({ sequence: before.sequence + 1n, balance: before.balance - 100n });
      }
      apply({ source: alice, operations: [both] });
    }
    expect(onLedger).toMatchObject({ fee_charged: '100', result: 'tx_bad_auth_extra' });
  });
});
