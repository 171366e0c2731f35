import { describe, expect, test } from '@jest/globals';
import { Asset } from '@stellar/stellar-sdk/xdr';
import { createHarness, LUMEN, newKeys } from '../../testing/harness.ts';
import { issued, set, setLineFlags, trust } from '../../testing/operations.ts';

const succeeded = { result: { tx_success: [{ op_inner: { set_trust_line_flags: 'success' } }] } };
const failed = (result: string) => ({ result: { tx_failed: [{ op_inner: { set_trust_line_flags: result } }] } });
const [REQUIRED, REVOCABLE, CLAWBACK] = [1, 2, 8];
const [AUTHORIZED, MAINTAIN, LINE_CLAWBACK] = [1, 2, 4];

function world(issuerFlags = 0) {
  const harness = createHarness();
  const [issuer, alice] = [harness.fund(10n * LUMEN), harness.fund(10n * LUMEN)];
  const usd = issued('USD', issuer);
  harness.apply({ source: issuer, operations: [set({ setFlags: issuerFlags })] });
  harness.apply({ source: alice, operations: [trust(usd, 100n)] });
  const change = (flags: { set?: number; clear?: number }) =>
    harness.apply({ source: issuer, operations: [setLineFlags(alice, usd, flags)] });
  const flags = () =>
    harness.ledger.scratch().trustline(alice.publicKey(), { code: 'USD', issuer: issuer.publicKey() })?.flags;
  return { ...harness, issuer, alice, usd, change, flags };
}

describe('set trust line flags', () => {
  test('authorizes, lowers to keeping what is held, and revokes, where the issuer may revoke', () => {
    const { change, flags } = world(REQUIRED | REVOCABLE);
    expect(flags()).toBe(0);
    expect(change({ set: AUTHORIZED })).toMatchObject(succeeded);
    expect(flags()).toBe(AUTHORIZED);
    expect(change({ set: MAINTAIN, clear: AUTHORIZED })).toMatchObject(succeeded);
    expect(flags()).toBe(MAINTAIN);
    expect(change({ clear: AUTHORIZED | MAINTAIN })).toMatchObject(succeeded);
    expect(flags()).toBe(0);
  });

  test('an issuer that is not revocable can only raise', () => {
    const { change, flags } = world(REQUIRED);
    expect(change({ set: MAINTAIN })).toMatchObject(succeeded);
    expect(change({ clear: MAINTAIN })).toMatchObject(failed('cant_revoke'));
    expect(change({ set: AUTHORIZED, clear: MAINTAIN })).toMatchObject(succeeded);
    expect(change({ set: MAINTAIN, clear: AUTHORIZED })).toMatchObject(failed('cant_revoke'));
    expect(change({ clear: AUTHORIZED })).toMatchObject(failed('cant_revoke'));
    expect(flags()).toBe(AUTHORIZED);
  });

  test('cannot revoke is told before a missing trustline', () => {
    const { apply, issuer, usd } = world();
    const attempt = (flags: { set?: number; clear?: number }) =>
      apply({ source: issuer, operations: [setLineFlags(newKeys(), usd, flags)] });
    expect(attempt({ clear: AUTHORIZED })).toMatchObject(failed('cant_revoke'));
    expect(attempt({ set: AUTHORIZED })).toMatchObject(failed('no_trust_line'));
  });

  test('authorized and only maintaining exclude each other', () => {
    const { change, flags } = world(REVOCABLE);
    expect(change({ set: MAINTAIN })).toMatchObject(failed('invalid_state'));
    expect(flags()).toBe(AUTHORIZED);
  });

  test('the right to claw back can be given up, never taken', () => {
    const { change, flags, refused, issuer, alice, usd } = world(REVOCABLE | CLAWBACK);
    expect(flags()).toBe(AUTHORIZED | LINE_CLAWBACK);
    expect(change({ clear: LINE_CLAWBACK })).toMatchObject(succeeded);
    expect(flags()).toBe(AUTHORIZED);
    const operations = [setLineFlags(alice, usd, { set: LINE_CLAWBACK })];
    expect(refused({ source: issuer, operations })).toMatchObject(failed('malformed'));
  });

  test.each([{ set: 1, clear: 1 }, { set: 3 }, { set: 8 }, { clear: 8 }, { set: 0xffffffff }, { clear: 0xffffffff }])(
    '%j is malformed',
    (flags) => {
      const { refused, issuer, alice, usd } = world();
      const operations = [setLineFlags(alice, usd, flags)];
      expect(refused({ source: issuer, operations })).toMatchObject(failed('malformed'));
    },
  );

  test('only the issuer, of an asset, for another account', () => {
    const { refused, issuer, alice, usd } = world();
    for (const [source, operation] of [
      [alice, setLineFlags(alice, usd, { set: AUTHORIZED })],
      [issuer, setLineFlags(issuer, usd, { set: AUTHORIZED })],
      [issuer, setLineFlags(alice, Asset.assetTypeNative(), { set: AUTHORIZED })],
      [issuer, setLineFlags(alice, issued('U-D', issuer), { set: AUTHORIZED })],
    ] as const) {
      expect(refused({ source, operations: [operation] })).toMatchObject(failed('malformed'));
    }
  });

  test('needs only the low threshold', () => {
    const { apply, issuer, alice, usd } = world(REVOCABLE);
    apply({ source: issuer, operations: [set({ lowThreshold: 1, medThreshold: 2, highThreshold: 2 })] });
    const operations = [setLineFlags(alice, usd, { set: MAINTAIN, clear: AUTHORIZED })];
    expect(apply({ source: issuer, operations })).toMatchObject(succeeded);
  });
});
