import { describe, expect, test } from '@jest/globals';
import { createHarness, LUMEN, newKeys } from '../../testing/harness.ts';
import { create } from '../../testing/operations.ts';

const succeeded = { result: { tx_success: [{ op_inner: { create_account: 'success' } }] } };
const failed = (result: string) => ({ result: { tx_failed: [{ op_inner: { create_account: result } }] } });

describe('create account', () => {
  test('the new account starts at its ledger’s number in the upper 32 bits', () => {
    const { root, ledger, apply, account } = createHarness();
    const bob = newKeys();
    expect(apply({ source: root, operations: [create(bob, LUMEN)] })).toMatchObject(succeeded);
    expect(account(bob)).toMatchObject({
      balance: LUMEN,
      sequence: BigInt(ledger.latest().sequence) << 32n,
      masterWeight: 1,
      thresholds: { low: 0, medium: 0, high: 0 },
      lastModified: ledger.latest().sequence,
    });
  });

  test('a negative balance or the source itself is malformed', () => {
    const { root, refused } = createHarness();
    expect(refused({ source: root, operations: [create(newKeys(), -1n)] })).toMatchObject(failed('malformed'));
    expect(refused({ source: root, operations: [create(root, LUMEN)] })).toMatchObject(failed('malformed'));
  });

  test('an account that exists is not created again', () => {
    const { root, fund, apply, account } = createHarness();
    const bob = fund(5n * LUMEN);
    expect(apply({ source: root, operations: [create(bob, LUMEN)] })).toMatchObject(failed('already_exist'));
    expect(account(bob).balance).toBe(5n * LUMEN);
  });

  test.each([0n, LUMEN - 1n])('a balance of %p is below two base reserves', (balance) => {
    const { root, apply } = createHarness();
    expect(apply({ source: root, operations: [create(newKeys(), balance)] })).toMatchObject(failed('low_reserve'));
  });

  test('the source keeps its reserve', () => {
    const { fund, apply } = createHarness();
    const alice = fund(3n * LUMEN);
    const spendable = 2n * LUMEN - 200n;
    const attempt = (balance: bigint) => apply({ source: alice, operations: [create(newKeys(), balance)] });
    expect(attempt(spendable + 101n)).toMatchObject(failed('underfunded'));
    expect(attempt(spendable)).toMatchObject(succeeded);
  });
});
