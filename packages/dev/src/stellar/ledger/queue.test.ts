import { describe, expect, test } from '@jest/globals';
import { buildFeeBump, createHarness, LUMEN } from '../testing/harness.ts';
import { bump, pay } from '../testing/operations.ts';
import { loadOracle } from '../testing/oracle.ts';

const oracle = await loadOracle();

describe('the queue', () => {
  test('takes one transaction a source account', () => {
    const { fund, send, envelope, account, close } = createHarness();
    const alice = fund(10n * LUMEN);
    const first = envelope({ source: alice, operations: [bump(0n)] });
    const { sequence } = account(alice);
    expect(send(first).status).toBe('PENDING');
    expect(send(first).status).toBe('DUPLICATE');
    const another = envelope({ source: alice, operations: [bump(1n)] });
    expect(send(another).status).toBe('TRY_AGAIN_LATER');
    const next = envelope({ source: alice, sequence: sequence + 2n, operations: [bump(0n)] });
    expect(send(next).status).toBe('TRY_AGAIN_LATER');
    close();
    expect(send(next).status).toBe('PENDING');
  });

  test('an older number than the queued one is a bad sequence', () => {
    const { fund, send, refused, account } = createHarness();
    const alice = fund(10n * LUMEN);
    const { sequence } = account(alice);
    send({ source: alice, operations: [bump(0n)] });
    expect(refused({ source: alice, sequence, operations: [bump(0n)] })).toMatchObject({
      fee_charged: '0',
      result: 'tx_bad_seq',
    });
  });

  test('an applied envelope is not taken again for ten ledgers, then its number is bad', () => {
    const { fund, send, envelope, close } = createHarness();
    const alice = fund(10n * LUMEN);
    const applied = envelope({ source: alice, operations: [bump(0n)] });
    send(applied);
    close();
    for (let ledgers = 0; ledgers < 9; ledgers++) {
      expect(send(applied).status).toBe('TRY_AGAIN_LATER');
      close();
    }
    const answer = send(applied);
    expect(answer.status === 'ERROR' && oracle('TransactionResult', answer.result)).toMatchObject({
      result: 'tx_bad_seq',
    });
  });

  test('what no ledger includes is dropped after four, banned for ten, and then taken again', () => {
    const { fund, ledger, envelope, now, close, send, resultOf } = createHarness();
    const alice = fund(10n * LUMEN);
    const lost = envelope({ source: alice, operations: [bump(0n)] });
    const again = envelope({ source: alice, operations: [bump(1n)] });
    expect(ledger.submit(lost.toXdr(), now(), Number.POSITIVE_INFINITY).status).toBe('PENDING');
    for (let ledgers = 0; ledgers < 4; ledgers++) {
      expect(send(lost).status).toBe('DUPLICATE');
      expect(send(again).status).toBe('TRY_AGAIN_LATER');
      close();
    }
    for (let ledgers = 0; ledgers < 10; ledgers++) {
      expect(send(lost).status).toBe('TRY_AGAIN_LATER');
      close();
    }
    const answer = send(lost);
    expect(answer.status).toBe('PENDING');
    close();
    expect(answer.status === 'PENDING' && resultOf(answer.hash)).toMatchObject({
      result: { tx_success: expect.anything() },
    });
  });

  test('a dropped envelope leaves its source free at once', () => {
    const { fund, ledger, envelope, now, close, apply } = createHarness();
    const alice = fund(10n * LUMEN);
    const lost = envelope({ source: alice, operations: [bump(0n)] });
    ledger.submit(lost.toXdr(), now(), Number.POSITIVE_INFINITY);
    for (let ledgers = 0; ledgers < 4; ledgers++) close();
    expect(apply({ source: alice, operations: [bump(1n)] })).toMatchObject({
      result: { tx_success: expect.anything() },
    });
  });

  test('a delayed transaction is included once its time has come', () => {
    const { fund, ledger, envelope, now, close } = createHarness();
    const alice = fund(10n * LUMEN);
    const answer = ledger.submit(envelope({ source: alice, operations: [bump(0n)] }).toXdr(), now(), 2);
    if (answer.status !== 'PENDING') throw new Error(answer.status);
    close();
    close();
    expect(ledger.transaction(answer.hash)).toBeUndefined();
    close();
    expect(ledger.transaction(answer.hash)).toBeDefined();
  });

  test('an answer asked for without submitting queues nothing', () => {
    const { fund, ledger, envelope, now, send } = createHarness();
    const alice = fund(10n * LUMEN);
    const draft = envelope({ source: alice, operations: [bump(0n)] });
    expect(ledger.check(draft.toXdr(), now()).status).toBe('PENDING');
    expect(send(draft).status).toBe('PENDING');
  });

  test('a fee source pays for all that is queued at its cost', () => {
    const { fund, envelope, send, refused, close } = createHarness();
    const [alice, bob] = [fund(10n * LUMEN), fund(10n * LUMEN)];
    const sponsor = fund(LUMEN + 500n);
    const inner = (source: typeof alice) => envelope({ source, operations: [bump(0n)] });
    expect(send(buildFeeBump(inner(alice), sponsor, 300n)).status).toBe('PENDING');
    expect(refused(buildFeeBump(inner(bob), sponsor, 201n))).toMatchObject({ result: 'tx_insufficient_balance' });
    expect(send(buildFeeBump(inner(bob), sponsor, 200n)).status).toBe('PENDING');
    close();
  });

  test('when a ledger leaves a fee source unable to pay for all, what is queued of it is dropped', () => {
    const { root, fund, envelope, send, close, ledger, now } = createHarness();
    const [alice, sponsor] = [fund(10n * LUMEN), fund(LUMEN + 1_000n)];
    const bumped = buildFeeBump(envelope({ source: alice, operations: [bump(0n)] }), sponsor, 800n);
    const waiting = ledger.submit(bumped.toXdr(), now(), 1);
    send({ source: root, operations: [pay(root, 500n, sponsor)], signers: [root, sponsor] });
    close();
    close();
    expect(waiting.status === 'PENDING' && ledger.transaction(waiting.hash)).toBeUndefined();
    expect(send(bumped).status).toBe('TRY_AGAIN_LATER');
  });
});

describe('after a ledger', () => {
  test('what cannot be included any more leaves the queue at once', () => {
    const { root, fund, ledger, envelope, now, account, apply, send } = createHarness();
    const alice = fund(10n * LUMEN);
    const waiting = envelope({ source: alice, operations: [bump(0n)] });
    ledger.submit(waiting.toXdr(), now(), Number.POSITIVE_INFINITY);
    const operations = [bump(account(alice).sequence + 10n, alice)];
    apply({ source: root, operations, signers: [root, alice] });
    expect(send(waiting).status).toBe('TRY_AGAIN_LATER');
    expect(send({ source: alice, operations: [bump(0n)] }).status).toBe('PENDING');
  });

  test('a fee source that can pay for each but not for all has none included', () => {
    const { root, fund, envelope, ledger, now, close, apply } = createHarness();
    const sources = [fund(10n * LUMEN), fund(10n * LUMEN)];
    const sponsor = fund(LUMEN + 1_000n);
    const waiting = sources.map((source) => {
      const bumped = buildFeeBump(envelope({ source, operations: [bump(0n)] }), sponsor, 400n);
      return ledger.submit(bumped.toXdr(), now(), 1);
    });
    apply({ source: root, operations: [pay(root, 300n, sponsor)], signers: [root, sponsor] });
    close();
    const included = waiting.map((answer) => answer.status === 'PENDING' && ledger.transaction(answer.hash));
    expect(included).toEqual([undefined, undefined]);
  });
});

describe('replacement by fee bump', () => {
  test('takes ten times the fee rate, counted with one operation more', () => {
    const { fund, envelope, send, refused, close, ledger } = createHarness();
    const [alice, sponsor] = [fund(10n * LUMEN), fund(10n * LUMEN)];
    const inner = envelope({ source: alice, operations: [bump(0n)], fee: 150 });
    const first = send(inner);
    expect(refused(buildFeeBump(inner, sponsor, 2_999n))).toEqual({
      fee_charged: '3000',
      result: 'tx_insufficient_fee',
      ext: 'v0',
    });
    const bumped = buildFeeBump(inner, sponsor, 3_000n);
    const second = send(bumped);
    expect(second.status).toBe('PENDING');
    expect(send(bumped).status).toBe('DUPLICATE');
    expect(send(inner).status).toBe('DUPLICATE');
    close();
    if (first.status !== 'PENDING' || second.status !== 'PENDING') throw new Error('not queued');
    expect(ledger.transaction(first.hash)).toBe(ledger.transaction(second.hash));
  });

  test('frees a transaction that no ledger would include', () => {
    const { fund, envelope, ledger, now, send, close } = createHarness();
    const alice = fund(10n * LUMEN);
    const inner = envelope({ source: alice, operations: [bump(0n)] });
    ledger.submit(inner.toXdr(), now(), Number.POSITIVE_INFINITY);
    close();
    const second = send(buildFeeBump(inner, alice, 2_000n));
    close();
    expect(second.status === 'PENDING' && ledger.transaction(second.hash)).toBeDefined();
  });

  test('keeps the age of what it replaces', () => {
    const { fund, envelope, ledger, now, send, close } = createHarness();
    const alice = fund(10n * LUMEN);
    const inner = envelope({ source: alice, operations: [bump(0n)] });
    ledger.submit(inner.toXdr(), now(), Number.POSITIVE_INFINITY);
    for (let ledgers = 0; ledgers < 3; ledgers++) close();
    const bumped = buildFeeBump(inner, alice, 2_000n);
    expect(ledger.submit(bumped.toXdr(), now(), Number.POSITIVE_INFINITY).status).toBe('PENDING');
    close();
    expect(send(bumped).status).toBe('TRY_AGAIN_LATER');
  });

  test('a banned inner transaction can be bumped: the outer envelope is another', () => {
    const { fund, envelope, ledger, now, send, close } = createHarness();
    const alice = fund(10n * LUMEN);
    const inner = envelope({ source: alice, operations: [bump(0n)] });
    ledger.submit(inner.toXdr(), now(), Number.POSITIVE_INFINITY);
    for (let ledgers = 0; ledgers < 4; ledgers++) close();
    expect(send(inner).status).toBe('TRY_AGAIN_LATER');
    expect(send(buildFeeBump(inner, alice, 200n)).status).toBe('PENDING');
  });

  test('of another sequence number has to wait', () => {
    const { fund, envelope, send, account } = createHarness();
    const alice = fund(10n * LUMEN);
    const { sequence } = account(alice);
    send({ source: alice, operations: [bump(0n)] });
    const next = envelope({ source: alice, sequence: sequence + 2n, operations: [bump(0n)] });
    expect(send(buildFeeBump(next, alice, 5_000n)).status).toBe('TRY_AGAIN_LATER');
  });
});
