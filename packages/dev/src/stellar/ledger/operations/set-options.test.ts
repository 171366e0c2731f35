import { describe, expect, test } from '@jest/globals';
import { Signer, SignerKey } from '@stellar/stellar-sdk/xdr';
import { createHarness, LUMEN, newKeys } from '../../testing/harness.ts';
import { type Options, set, signer } from '../../testing/operations.ts';

const succeeded = { result: { tx_success: [{ op_inner: { set_options: 'success' } }] } };
const failed = (result: string) => ({ result: { tx_failed: [{ op_inner: { set_options: result } }] } });

describe('set options', () => {
  test('sets weights, thresholds, home domain, flags and inflation destination', () => {
    const { fund, root, apply, account } = createHarness();
    const alice = fund(10n * LUMEN);
    const options: Options = {
      masterWeight: 7,
      lowThreshold: 1,
      medThreshold: 2,
      highThreshold: 3,
      homeDomain: 'example.org',
      setFlags: 3,
      inflationDest: root.xdrAccountId(),
    };
    expect(apply({ source: alice, operations: [set(options)] })).toMatchObject(succeeded);
    expect(account(alice)).toMatchObject({
      masterWeight: 7,
      thresholds: { low: 1, medium: 2, high: 3 },
      homeDomain: 'example.org',
      flags: 3,
      inflationDestination: root.publicKey(),
    });
    expect(apply({ source: alice, operations: [set({ clearFlags: 1, homeDomain: '' })] })).toMatchObject(succeeded);
    expect(account(alice)).toMatchObject({ flags: 2, homeDomain: '', masterWeight: 7 });
  });

  test('adds, changes and removes a signer; signers stay sorted by key', () => {
    const { fund, apply, account } = createHarness();
    const alice = fund(10n * LUMEN);
    const others = [newKeys(), newKeys(), newKeys()];
    for (const keys of others) apply({ source: alice, operations: [set({ signer: signer(keys, 1) })] });
    const [first, second] = account(alice).signers.map(({ key }) => key);
    expect(
      account(alice)
        .signers.map(({ key }) => key)
        .toSorted(),
    ).toEqual(others.map((k) => k.publicKey()).toSorted());
    const raw = others.map((keys) => Buffer.from(keys.rawPublicKey()).toString('hex')).toSorted();
    const keyOfFirst = others.find((keys) => keys.publicKey() === first);
    expect(keyOfFirst && Buffer.from(keyOfFirst.rawPublicKey()).toString('hex')).toBe(raw[0]);
    if (!keyOfFirst) throw new Error('no first signer');
    apply({ source: alice, operations: [set({ signer: signer(keyOfFirst, 9) })] });
    expect(account(alice).signers[0]).toEqual({ key: first, weight: 9 });
    apply({ source: alice, operations: [set({ signer: signer(keyOfFirst, 0) })] });
    expect(account(alice).signers[0]?.key).toBe(second);
    expect(apply({ source: alice, operations: [set({ signer: signer(keyOfFirst, 0) })] })).toMatchObject(succeeded);
  });

  test('a signer costs half a lumen of reserve', () => {
    const { fund, apply, account } = createHarness();
    const alice = fund(LUMEN + 5_000_000n + 199n);
    const add = { source: alice, operations: [set({ signer: signer(newKeys(), 1) })] };
    expect(apply(add)).toMatchObject(succeeded);
    expect(account(alice).signers).toHaveLength(1);

    const poor = fund(LUMEN + 5_000_000n + 99n);
    expect(apply({ ...add, source: poor })).toMatchObject(failed('low_reserve'));
    expect(account(poor).signers).toHaveLength(0);
  });

  test('twenty signers are the most', () => {
    const { fund, apply, account } = createHarness();
    const alice = fund(100n * LUMEN);
    const keys = Array.from({ length: 20 }, newKeys);
    apply({ source: alice, operations: keys.map((each) => set({ signer: signer(each, 1) })) });
    expect(account(alice).signers).toHaveLength(20);
    const another = apply({ source: alice, operations: [set({ signer: signer(newKeys(), 1) })] });
    expect(another).toMatchObject(failed('too_many_signers'));
  });

  test.each<[string, Options]>([
    ['unknown_flag', { setFlags: 16 }],
    ['unknown_flag', { clearFlags: 0xffffffff }],
    ['bad_flags', { setFlags: 3, clearFlags: 2 }],
    ['threshold_out_of_range', { masterWeight: 256 }],
    ['threshold_out_of_range', { lowThreshold: 256 }],
    ['threshold_out_of_range', { medThreshold: 256 }],
    ['threshold_out_of_range', { highThreshold: 256 }],
    ['invalid_home_domain', { homeDomain: 'tab\there' }],
    ['invalid_home_domain', { homeDomain: 'ümlaut' }],
  ])('%s: %j is refused', (code, options) => {
    const { root, refused } = createHarness();
    expect(refused({ source: root, operations: [set(options)] })).toMatchObject(failed(code));
  });

  test('bad signers: the master key, too much weight, and the types that are not modelled', () => {
    const { root, refused } = createHarness();
    const hash = new Uint8Array(32);
    const signers = [
      signer(root, 1),
      signer(newKeys(), 256),
      new Signer({ key: SignerKey.signerKeyTypePreAuthTx(hash), weight: 1 }),
      new Signer({ key: SignerKey.signerKeyTypeHashX(hash), weight: 1 }),
    ];
    for (const each of signers) {
      expect(refused({ source: root, operations: [set({ signer: each })] })).toMatchObject(failed('bad_signer'));
    }
  });

  test('the inflation destination must exist', () => {
    const { root, apply } = createHarness();
    const operations = [set({ inflationDest: newKeys().xdrAccountId() })];
    expect(apply({ source: root, operations })).toMatchObject(failed('invalid_inflation'));
  });

  test('clawback needs revocable', () => {
    const { root, apply } = createHarness();
    expect(apply({ source: root, operations: [set({ setFlags: 8 })] })).toMatchObject(
      failed('auth_revocable_required'),
    );
    expect(apply({ source: root, operations: [set({ setFlags: 10 })] })).toMatchObject(succeeded);
    expect(apply({ source: root, operations: [set({ clearFlags: 2 })] })).toMatchObject(
      failed('auth_revocable_required'),
    );
  });

  test('an immutable account keeps its flags', () => {
    const { fund, apply } = createHarness();
    const alice = fund(10n * LUMEN);
    expect(apply({ source: alice, operations: [set({ setFlags: 4 })] })).toMatchObject(succeeded);
    expect(apply({ source: alice, operations: [set({ clearFlags: 4 })] })).toMatchObject(failed('cant_change'));
    expect(apply({ source: alice, operations: [set({ setFlags: 1 })] })).toMatchObject(failed('cant_change'));
    expect(apply({ source: alice, operations: [set({ setFlags: 0 })] })).toMatchObject(succeeded);
  });
});
