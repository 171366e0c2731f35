import { describe, expect, test } from '@jest/globals';
import { buildFeeBump, createHarness, LUMEN, newKeys } from '../testing/harness.ts';
import { bump, pay, set, signer } from '../testing/operations.ts';
import { loadOracle } from '../testing/oracle.ts';

const oracle = await loadOracle();

describe('fee bump', () => {
  test('its source pays, for one operation more; the inner transaction is applied as it is', () => {
    const { root, fund, envelope, apply, account } = createHarness();
    const [alice, sponsor] = [fund(10n * LUMEN), fund(10n * LUMEN)];
    const { sequence } = account(alice);
    const inner = envelope({ source: alice, operations: [pay(root, LUMEN), bump(0n)], fee: 200 });
    const result = apply(buildFeeBump(inner, sponsor, 5_000n));
    expect(result).toEqual({
      fee_charged: '300',
      result: {
        tx_fee_bump_inner_success: {
          transaction_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
          result: {
            fee_charged: '0',
            result: { tx_success: [{ op_inner: { payment: 'success' } }, { op_inner: { bump_sequence: 'success' } }] },
            ext: 'v0',
          },
        },
      },
      ext: 'v0',
    });
    expect(account(alice)).toMatchObject({ sequence: sequence + 1n, balance: 9n * LUMEN });
    expect(account(sponsor)).toMatchObject({ balance: 10n * LUMEN - 300n });
  });

  test('is found by its own hash and by the inner one, which is the hash of the inner transaction alone', () => {
    const { fund, envelope, send, ledger, close, now } = createHarness();
    const alice = fund(10n * LUMEN);
    const inner = envelope({ source: alice, operations: [bump(0n)] });
    const innerHash = ledger.check(inner.toXdr(), now());
    const outer = send(buildFeeBump(inner, alice, 200n));
    close();
    if (outer.status !== 'PENDING' || innerHash.status !== 'PENDING') throw new Error('not queued');
    expect(outer.hash).not.toBe(innerHash.hash);
    const included = ledger.transaction(outer.hash);
    expect(included).toBeDefined();
    expect(ledger.transaction(innerHash.hash)).toBe(included);
    expect(included && oracle('TransactionResult', included.result)).toMatchObject({
      result: { tx_fee_bump_inner_success: { transaction_hash: innerHash.hash } },
    });
  });

  test('an inner transaction may offer no fee at all', () => {
    const { fund, envelope, apply } = createHarness();
    const [alice, sponsor] = [fund(LUMEN), fund(10n * LUMEN)];
    const inner = envelope({ source: alice, operations: [bump(0n)], fee: 0 });
    expect(apply(buildFeeBump(inner, sponsor, 200n))).toMatchObject({
      fee_charged: '200',
      result: { tx_fee_bump_inner_success: expect.anything() },
    });
  });

  test('a failed inner transaction spends its sequence number and the outer fee', () => {
    const { fund, envelope, apply, account } = createHarness();
    const [alice, sponsor] = [fund(10n * LUMEN), fund(10n * LUMEN)];
    const { sequence } = account(alice);
    const inner = envelope({ source: alice, operations: [pay(newKeys(), 1n), bump(sequence + 9n)] });
    expect(apply(buildFeeBump(inner, sponsor, 300n))).toMatchObject({
      fee_charged: '300',
      result: {
        tx_fee_bump_inner_failed: {
          result: {
            result: {
              tx_failed: [{ op_inner: { payment: 'no_destination' } }, { op_inner: { bump_sequence: 'success' } }],
            },
          },
        },
      },
    });
    expect(account(alice)).toMatchObject({ sequence: sequence + 1n, balance: 10n * LUMEN });
    expect(account(sponsor)).toMatchObject({ balance: 10n * LUMEN - 300n });
  });

  test('is refused for its own faults', () => {
    const { root, fund, envelope, refused } = createHarness();
    const [alice, sponsor] = [fund(10n * LUMEN), fund(10n * LUMEN)];
    const inner = envelope({ source: alice, operations: [bump(0n)], fee: 150 });
    expect(refused(buildFeeBump(inner, sponsor, 199n))).toMatchObject({
      fee_charged: '200',
      result: 'tx_insufficient_fee',
    });
    expect(refused(buildFeeBump(inner, sponsor, 299n))).toMatchObject({
      fee_charged: '300',
      result: 'tx_insufficient_fee',
    });
    expect(refused(buildFeeBump(inner, sponsor, -1n))).toMatchObject({ result: 'tx_malformed' });
    expect(refused(buildFeeBump(inner, newKeys(), 300n))).toMatchObject({ result: 'tx_no_account' });
    expect(refused(buildFeeBump(inner, sponsor, 300n, [alice]))).toMatchObject({ result: 'tx_bad_auth' });
    expect(refused(buildFeeBump(inner, sponsor, 300n, [sponsor, root]))).toMatchObject({ result: 'tx_bad_auth_extra' });
    expect(refused(buildFeeBump(inner, sponsor, 9n * LUMEN + 1n))).toMatchObject({ result: 'tx_insufficient_balance' });
  });

  test('is refused for the faults of its inner transaction, told inside', () => {
    const { root, fund, envelope, refused, account } = createHarness();
    const [alice, sponsor] = [fund(10n * LUMEN), fund(10n * LUMEN)];
    const draft = { source: alice, operations: [bump(0n)] };
    const attempt = (inner: ReturnType<typeof envelope>) => refused(buildFeeBump(inner, sponsor, 1_000n));
    const told = (result: unknown) => ({ result: { tx_fee_bump_inner_failed: { result: { result } } } });
    const wrong = account(alice).sequence + 2n;
    expect(attempt(envelope({ ...draft, sequence: wrong }))).toMatchObject(told('tx_bad_seq'));
    expect(attempt(envelope({ ...draft, signers: [root] }))).toMatchObject(told('tx_bad_auth'));
    expect(attempt(envelope({ ...draft, signers: [alice, root] }))).toMatchObject(told('tx_bad_auth_extra'));
    expect(attempt(envelope({ ...draft, operations: [] }))).toMatchObject(told('tx_missing_operation'));
    expect(attempt(envelope({ ...draft, operations: [pay(root, 0n)] }))).toMatchObject(
      told({ tx_failed: [{ op_inner: { payment: 'malformed' } }] }),
    );
  });

  test('a signer at the low threshold of the fee source is enough', () => {
    const { fund, envelope, apply } = createHarness();
    const [alice, sponsor] = [fund(10n * LUMEN), fund(10n * LUMEN)];
    const key = newKeys();
    const thresholds = { lowThreshold: 1, medThreshold: 2, highThreshold: 2 };
    apply({ source: sponsor, operations: [set({ signer: signer(key, 1), ...thresholds })] });
    const inner = envelope({ source: alice, operations: [bump(0n)] });
    expect(apply(buildFeeBump(inner, sponsor, 200n, [key]))).toMatchObject({
      result: { tx_fee_bump_inner_success: expect.anything() },
    });
  });
});
