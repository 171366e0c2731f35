import { describe, expect, test } from '@jest/globals';
import { createHarness, HALF_LUMEN, LUMEN } from '../../testing/harness.ts';
import { data, set } from '../../testing/operations.ts';

const succeeded = { result: { tx_success: [{ op_inner: { manage_data: 'success' } }] } };
const failed = (result: string) => ({ result: { tx_failed: [{ op_inner: { manage_data: result } }] } });

function world(balance = 10n * LUMEN) {
  const harness = createHarness();
  const alice = harness.fund(balance);
  const value = (name: string) => {
    const entry = harness.ledger.scratch().data(alice.publicKey(), name);
    return entry && Buffer.from(entry.value).toString();
  };
  return { ...harness, alice, value };
}

describe('manage data', () => {
  test('adds, changes and deletes an entry, which is a subentry', () => {
    const { apply, alice, value, account } = world();
    expect(apply({ source: alice, operations: [data('config.memo_required', '1')] })).toMatchObject(succeeded);
    expect(value('config.memo_required')).toBe('1');
    expect(account(alice).subentries).toBe(1);
    expect(apply({ source: alice, operations: [data('config.memo_required', '')] })).toMatchObject(succeeded);
    expect(value('config.memo_required')).toBe('');
    expect(account(alice).subentries).toBe(1);
    expect(apply({ source: alice, operations: [data('config.memo_required')] })).toMatchObject(succeeded);
    expect(value('config.memo_required')).toBeUndefined();
    expect(account(alice).subentries).toBe(0);
  });

  test('what is not there cannot be deleted', () => {
    const { apply, alice } = world();
    expect(apply({ source: alice, operations: [data('a')] })).toMatchObject(failed('name_not_found'));
  });

  test('an entry costs half a lumen of reserve; a change costs nothing', () => {
    const { apply, alice } = world(LUMEN + HALF_LUMEN + 299n);
    expect(apply({ source: alice, operations: [data('a', '1')] })).toMatchObject(succeeded);
    expect(apply({ source: alice, operations: [data('b', '1')] })).toMatchObject(failed('low_reserve'));
    const { apply: attempt, alice: poor } = world(LUMEN + HALF_LUMEN + 99n);
    expect(attempt({ source: poor, operations: [data('a', '1')] })).toMatchObject(failed('low_reserve'));
  });

  test.each(['', 'tab\there', 'ümlaut', 'delete\x7f'])('the name %j is invalid', (name) => {
    const { refused, alice } = world();
    expect(refused({ source: alice, operations: [data(name, '1')] })).toMatchObject(failed('invalid_name'));
  });

  test('64 characters are a name', () => {
    const { apply, alice, value } = world();
    const name = 'n'.repeat(64);
    expect(apply({ source: alice, operations: [data(name, 'v'.repeat(64))] })).toMatchObject(succeeded);
    expect(value(name)).toHaveLength(64);
  });

  test('needs the medium threshold', () => {
    const { apply, refused, alice } = world();
    apply({ source: alice, operations: [set({ medThreshold: 2 })] });
    expect(refused({ source: alice, operations: [data('a', '1')] })).toMatchObject({
      result: { tx_failed: ['op_bad_auth'] },
    });
  });
});
