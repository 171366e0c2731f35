import { describe, expect, test } from '@jest/globals';
import type { Keypair } from '@stellar/stellar-sdk/base';
import { AlphaNum4, AlphaNum12, Asset } from '@stellar/stellar-sdk/xdr';
import { createHarness, LUMEN, newKeys } from '../../testing/harness.ts';
import { pay, payAsset } from '../../testing/operations.ts';
import { MAX_INT64 } from '../network.ts';

const succeeded = { result: { tx_success: [{ op_inner: { payment: 'success' } }] } };
const failed = (result: string) => ({ result: { tx_failed: [{ op_inner: { payment: result } }] } });

describe('payment of lumens', () => {
  test('moves the amount', () => {
    const { fund, apply, account } = createHarness();
    const alice = fund(10n * LUMEN);
    const bob = fund(10n * LUMEN);
    expect(apply({ source: alice, operations: [pay(bob, 3n * LUMEN)] })).toEqual({
      fee_charged: '100',
      ...succeeded,
      ext: 'v0',
    });
    expect(account(bob).balance).toBe(13n * LUMEN);
    expect(account(alice).balance).toBe(7n * LUMEN - 100n);
  });

  test.each([0n, -1n])('an amount of %p is malformed and refused before the ledger', (amount) => {
    const { root, refused } = createHarness();
    expect(refused({ source: root, operations: [pay(root, amount)] })).toMatchObject(failed('malformed'));
  });

  test('a missing destination', () => {
    const { root, apply } = createHarness();
    expect(apply({ source: root, operations: [pay(newKeys(), LUMEN)] })).toMatchObject(failed('no_destination'));
  });

  test('spends down to the reserve and not a stroop further', () => {
    const { fund, apply, account, root } = createHarness();
    const alice = fund(10n * LUMEN);
    const spendable = 9n * LUMEN - 200n;
    expect(apply({ source: alice, operations: [pay(root, spendable + 101n)] })).toMatchObject(failed('underfunded'));
    expect(apply({ source: alice, operations: [pay(root, spendable)] })).toMatchObject(succeeded);
    expect(account(alice).balance).toBe(LUMEN);
  });

  test('a destination that would overflow is full, even when the source could not pay', () => {
    const { root, fund, apply } = createHarness();
    const bob = fund(10n * LUMEN);
    expect(apply({ source: root, operations: [pay(bob, MAX_INT64)] })).toMatchObject(failed('line_full'));
  });

  test('to oneself succeeds, whatever the amount', () => {
    const { fund, apply, account } = createHarness();
    const alice = fund(10n * LUMEN);
    expect(apply({ source: alice, operations: [pay(alice, MAX_INT64)] })).toMatchObject(succeeded);
    expect(account(alice).balance).toBe(10n * LUMEN - 100n);
  });
});

describe('payment of a credit, where no trustline can exist', () => {
  const bytes = (code: string) => new TextEncoder().encode(code);
  const short = (issuer: Keypair, code = 'USD\0') =>
    Asset.assetTypeCreditAlphanum4(new AlphaNum4({ assetCode: bytes(code), issuer: issuer.xdrAccountId() }));
  const long = (issuer: Keypair, code: string) =>
    Asset.assetTypeCreditAlphanum12(new AlphaNum12({ assetCode: bytes(code), issuer: issuer.xdrAccountId() }));

  test('tells what is missing', () => {
    const { root, fund, apply } = createHarness();
    const issuer = fund(10n * LUMEN);
    const attempt = (to: Keypair, source: Keypair) => apply({ source, operations: [payAsset(short(issuer), to, 1n)] });
    expect(attempt(root, issuer)).toMatchObject(failed('no_trust'));
    expect(attempt(newKeys(), issuer)).toMatchObject(failed('no_destination'));
    expect(attempt(issuer, root)).toMatchObject(failed('src_no_trust'));
    expect(attempt(issuer, issuer)).toMatchObject(succeeded);
  });

  test.each(['U\0D\0', '\0\0\0\0', 'U-D\0'])('asset code %j is malformed', (code) => {
    const { root, refused } = createHarness();
    const operations = [payAsset(short(root, code), root, 1n)];
    expect(refused({ source: root, operations })).toMatchObject(failed('malformed'));
  });

  test('a long code has at least five characters', () => {
    const { root, refused, apply } = createHarness();
    const attempt = (code: string) => ({ source: root, operations: [payAsset(long(root, code), root, 1n)] });
    expect(refused(attempt('USDC\0\0\0\0\0\0\0\0'))).toMatchObject(failed('malformed'));
    expect(apply(attempt('USDCX\0\0\0\0\0\0\0'))).toMatchObject(succeeded);
  });
});
