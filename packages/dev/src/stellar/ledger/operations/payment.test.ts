import { describe, expect, test } from '@jest/globals';
import type { Keypair } from '@stellar/stellar-sdk/base';
import { AlphaNum4, AlphaNum12, Asset } from '@stellar/stellar-sdk/xdr';
import { createHarness, LUMEN, newKeys } from '../../testing/harness.ts';
import { issued, pay, payAsset, set, setLineFlags, trust } from '../../testing/operations.ts';
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

function world(issuerFlags = 0) {
  const harness = createHarness();
  const [issuer, alice, bob] = [harness.fund(10n * LUMEN), harness.fund(10n * LUMEN), harness.fund(10n * LUMEN)];
  const usd = issued('USD', issuer);
  harness.apply({ source: issuer, operations: [set({ setFlags: issuerFlags })] });
  const attempt = (source: Keypair, to: Keypair, amount: bigint) =>
    harness.apply({ source, operations: [payAsset(usd, to, amount)] });
  const trusts = (holder: Keypair, limit: bigint) => harness.apply({ source: holder, operations: [trust(usd, limit)] });
  const authorize = (holder: Keypair, flags: { set?: number; clear?: number }) =>
    harness.apply({ source: issuer, operations: [setLineFlags(holder, usd, flags)] });
  const balance = (holder: Keypair) =>
    harness.ledger.scratch().trustline(holder.publicKey(), { code: 'USD', issuer: issuer.publicKey() })?.balance;
  return { ...harness, issuer, alice, bob, usd, attempt, trusts, authorize, balance };
}

describe('payment of an issued asset', () => {
  test('is made by its issuer, moves between holders, and ends at its issuer', () => {
    const { issuer, alice, bob, trusts, attempt, balance, account } = world();
    trusts(alice, 100n);
    trusts(bob, MAX_INT64);
    const lumens = account(alice).balance;
    expect(attempt(issuer, alice, 100n)).toMatchObject(succeeded);
    expect(attempt(alice, bob, 60n)).toMatchObject(succeeded);
    expect(attempt(bob, issuer, 10n)).toMatchObject(succeeded);
    expect([balance(alice), balance(bob), balance(issuer)]).toEqual([40n, 50n, undefined]);
    expect(account(alice).balance).toBe(lumens - 100n);
    expect(attempt(issuer, issuer, 1n)).toMatchObject(succeeded);
  });

  test('tells which trustline or account is missing, the destination’s first', () => {
    const { root, issuer, alice, bob, trusts, attempt } = world();
    expect(attempt(issuer, newKeys(), 1n)).toMatchObject(failed('no_destination'));
    expect(attempt(alice, bob, 1n)).toMatchObject(failed('no_trust'));
    trusts(bob, 100n);
    expect(attempt(alice, bob, 1n)).toMatchObject(failed('src_no_trust'));
    expect(attempt(root, issuer, 1n)).toMatchObject(failed('src_no_trust'));
  });

  test('an issuer that does not exist is as good as any: its asset has no trustline', () => {
    const { alice, bob, apply } = world();
    const ghost = newKeys();
    const pays = (to: Keypair) => apply({ source: alice, operations: [payAsset(issued('USD', ghost), to, 1n)] });
    expect(pays(bob)).toMatchObject(failed('no_trust'));
    expect(pays(ghost)).toMatchObject(failed('src_no_trust'));
  });

  test('the limit of the destination is told before the balance of the source', () => {
    const { issuer, alice, bob, trusts, attempt, balance } = world();
    trusts(alice, 100n);
    trusts(bob, 10n);
    attempt(issuer, alice, 5n);
    expect(attempt(alice, bob, 11n)).toMatchObject(failed('line_full'));
    expect(attempt(alice, bob, 6n)).toMatchObject(failed('underfunded'));
    expect(attempt(alice, bob, 5n)).toMatchObject(succeeded);
    expect(attempt(issuer, bob, 6n)).toMatchObject(failed('line_full'));
    expect(attempt(issuer, bob, 5n)).toMatchObject(succeeded);
    expect([balance(alice), balance(bob)]).toEqual([0n, 10n]);
  });

  test('a payment to oneself needs room for it, and the balance', () => {
    const { issuer, alice, trusts, attempt, balance } = world();
    expect(attempt(alice, alice, 1n)).toMatchObject(failed('no_trust'));
    trusts(alice, 100n);
    attempt(issuer, alice, 40n);
    expect(attempt(alice, alice, 61n)).toMatchObject(failed('line_full'));
    expect(attempt(alice, alice, 60n)).toMatchObject(succeeded);
    expect(balance(alice)).toBe(40n);
  });

  test('where the issuer requires authorization, both ends need it whole', () => {
    const { issuer, alice, bob, trusts, attempt, authorize } = world(3);
    trusts(alice, 100n);
    trusts(bob, 100n);
    expect(attempt(issuer, alice, 10n)).toMatchObject(failed('not_authorized'));
    authorize(alice, { set: 1 });
    expect(attempt(issuer, alice, 10n)).toMatchObject(succeeded);
    expect(attempt(alice, bob, 1n)).toMatchObject(failed('not_authorized'));
    authorize(bob, { set: 2 });
    expect(attempt(alice, bob, 1n)).toMatchObject(failed('not_authorized'));
    authorize(bob, { set: 1, clear: 2 });
    for (const lowered of [{ set: 2, clear: 1 }, { clear: 2 }]) {
      authorize(alice, lowered);
      expect(attempt(alice, bob, 1n)).toMatchObject(failed('src_not_authorized'));
      expect(attempt(alice, issuer, 1n)).toMatchObject(failed('src_not_authorized'));
    }
    authorize(alice, { set: 1 });
    expect(attempt(alice, bob, 1n)).toMatchObject(succeeded);
  });

  test('several in one transaction see each other, and fail together', () => {
    const { issuer, alice, bob, usd, trusts, apply, balance } = world();
    trusts(alice, 100n);
    trusts(bob, 100n);
    const handedOn = [payAsset(usd, alice, 10n), payAsset(usd, bob, 10n, alice)];
    const good = apply({ source: issuer, operations: handedOn, signers: [issuer, alice] });
    expect(good).toMatchObject({ result: { tx_success: { length: 2 } } });
    const bad = apply({
      source: issuer,
      operations: [...handedOn, payAsset(usd, bob, 1n, alice)],
      signers: [issuer, alice],
    });
    expect(bad).toMatchObject({
      result: { tx_failed: ['success', 'success', 'underfunded'].map((payment) => ({ op_inner: { payment } })) },
    });
    expect([balance(alice), balance(bob)]).toEqual([0n, 10n]);
  });
});

describe('asset codes', () => {
  const bytes = (code: string) => new TextEncoder().encode(code);
  const short = (issuer: Keypair, code: string) =>
    Asset.assetTypeCreditAlphanum4(new AlphaNum4({ assetCode: bytes(code), issuer: issuer.xdrAccountId() }));
  const long = (issuer: Keypair, code: string) =>
    Asset.assetTypeCreditAlphanum12(new AlphaNum12({ assetCode: bytes(code), issuer: issuer.xdrAccountId() }));

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
