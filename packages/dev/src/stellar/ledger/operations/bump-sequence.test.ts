import { describe, expect, test } from '@jest/globals';
import { createHarness, LUMEN, newKeys } from '../../testing/harness.ts';
import { bump, pay } from '../../testing/operations.ts';
import { MAX_INT64 } from '../network.ts';

const succeeded = { result: { tx_success: [{ op_inner: { bump_sequence: 'success' } }] } };

describe('bump sequence', () => {
  test('raises the sequence number, so that everything up to it is spent', () => {
    const { fund, apply, refused, account } = createHarness();
    const channel = fund(10n * LUMEN);
    const end = account(channel).sequence + 1024n;
    expect(apply({ source: channel, operations: [bump(end)] })).toMatchObject(succeeded);
    expect(account(channel).sequence).toBe(end);
    for (const sequence of [end - 1022n, end - 1n, end, end + 2n]) {
      expect(refused({ source: channel, sequence, operations: [bump(0n)] })).toMatchObject({ result: 'tx_bad_seq' });
    }
    expect(apply({ source: channel, sequence: end + 1n, operations: [bump(0n)] })).toMatchObject(succeeded);
  });

  test('a lower number succeeds and changes nothing', () => {
    const { fund, apply, account } = createHarness();
    const channel = fund(10n * LUMEN);
    const { sequence } = account(channel);
    expect(apply({ source: channel, operations: [bump(sequence)] })).toMatchObject(succeeded);
    expect(account(channel).sequence).toBe(sequence + 1n);
  });

  test('a negative number is a bad sequence', () => {
    const { root, refused } = createHarness();
    expect(refused({ source: root, operations: [bump(-1n)] })).toMatchObject({
      result: { tx_failed: [{ op_inner: { bump_sequence: 'bad_seq' } }] },
    });
  });

  test('of a failed transaction is rolled back, and the number of the transaction is spent all the same', () => {
    const { fund, apply, account } = createHarness();
    const channel = fund(10n * LUMEN);
    const { sequence } = account(channel);
    const operations = [pay(newKeys(), LUMEN), bump(sequence + 1024n)];
    expect(apply({ source: channel, operations })).toMatchObject({
      fee_charged: '200',
      result: {
        tx_failed: [{ op_inner: { payment: 'no_destination' } }, { op_inner: { bump_sequence: 'success' } }],
      },
    });
    expect(account(channel).sequence).toBe(sequence + 1n);
    expect(apply({ source: channel, sequence: sequence + 2n, operations: [bump(0n)] })).toMatchObject(succeeded);
  });

  test('to the highest number of all ends the account’s transactions', () => {
    const { fund, apply, refused } = createHarness();
    const channel = fund(10n * LUMEN);
    expect(apply({ source: channel, operations: [bump(MAX_INT64)] })).toMatchObject(succeeded);
    expect(refused({ source: channel, sequence: MAX_INT64, operations: [bump(0n)] })).toMatchObject({
      result: 'tx_bad_seq',
    });
  });
});
