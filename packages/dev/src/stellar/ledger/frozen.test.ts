import { describe, expect, test } from '@jest/globals';
import type { Keypair } from '@stellar/stellar-sdk/base';
import {
  LedgerKey,
  LedgerKeyTrustLine,
  LedgerKeyTtl,
  type Operation,
  PoolId,
  TrustLineAsset,
} from '@stellar/stellar-sdk/xdr';
import { buildFeeBump, createHarness, LUMEN, newKeys } from '../testing/harness.ts';
import { bump, create, data, issued, pay, payAsset, set, setLineFlags, trust } from '../testing/operations.ts';
import { accountKey } from './account.ts';
import { dataKey } from './data-entry.ts';
import { FreezeError } from './frozen.ts';
import { trustlineKey } from './trustline.ts';

const frozen = { result: 'tx_frozen_key_accessed' };

function world() {
  const harness = createHarness();
  const [issuer, alice, bob] = [harness.fund(10n * LUMEN), harness.fund(10n * LUMEN), harness.fund(10n * LUMEN)];
  const usd = issued('USD', issuer);
  harness.apply({ source: alice, operations: [trust(usd, 100n)] });
  harness.apply({ source: bob, operations: [trust(usd, 100n)] });
  harness.apply({ source: issuer, operations: [payAsset(usd, alice, 50n)] });
  const line = (holder: Keypair) =>
    trustlineKey({ account: holder.publicKey(), asset: { code: 'USD', issuer: issuer.publicKey() } });
  const freeze = (keys: Keypair) => harness.ledger.freeze(accountKey(keys.publicKey()));
  return { ...harness, issuer, alice, bob, usd, line, freeze };
}

describe('a frozen account (CAP-77)', () => {
  test('is the source of nothing, neither of transactions nor of operations', () => {
    const { freeze, alice, bob, refused, account } = world();
    freeze(alice);
    const { sequence } = account(alice);
    expect(refused({ source: alice, operations: [bump(0n)] })).toMatchObject(frozen);
    const operations = [bump(0n, alice)];
    expect(refused({ source: bob, operations, signers: [bob, alice] })).toMatchObject(frozen);
    expect(account(alice).sequence).toBe(sequence);
  });

  test('is paid no lumens and not created, but is paid an asset', () => {
    const { freeze, issuer, bob, usd, refused, apply } = world();
    const stranger = newKeys();
    freeze(bob);
    freeze(stranger);
    expect(refused({ source: issuer, operations: [pay(bob, 1n)] })).toMatchObject(frozen);
    expect(refused({ source: issuer, operations: [create(stranger, LUMEN)] })).toMatchObject(frozen);
    expect(apply({ source: issuer, operations: [payAsset(usd, bob, 1n)] })).toMatchObject({
      result: { tx_success: expect.anything() },
    });
  });

  test('is told before a bad sequence number and a bad signature, after an account that is not there', () => {
    const { freeze, alice, refused } = world();
    freeze(alice);
    expect(refused({ source: alice, sequence: 1n, signers: [], operations: [bump(0n)] })).toMatchObject(frozen);
    const nobody = newKeys();
    freeze(nobody);
    expect(refused({ source: nobody, sequence: 1n, operations: [bump(0n)] })).toMatchObject({
      result: 'tx_no_account',
    });
  });

  test('pays for no fee bump; inside one it fails the inner transaction', () => {
    const { freeze, alice, bob, envelope, refused } = world();
    const ofBob = buildFeeBump(envelope({ source: bob, operations: [bump(0n)] }), alice, 1_000n);
    const ofAlice = buildFeeBump(envelope({ source: alice, operations: [bump(0n)] }), bob, 1_000n);
    freeze(alice);
    expect(refused(ofBob)).toMatchObject(frozen);
    expect(refused(ofAlice)).toMatchObject({ result: { tx_fee_bump_inner_failed: { result: frozen } } });
  });
});

describe('a frozen trustline (CAP-77)', () => {
  test.each<[string, (w: ReturnType<typeof world>) => [Keypair, Operation]]>([
    ['pays', ({ alice, issuer, usd }) => [alice, payAsset(usd, issuer, 1n)]],
    ['is paid', ({ alice, issuer, usd }) => [issuer, payAsset(usd, alice, 1n)]],
    ['is changed', ({ alice, usd }) => [alice, trust(usd, 99n)]],
    ['is authorized', ({ alice, issuer, usd }) => [issuer, setLineFlags(alice, usd, { set: 1 })]],
  ])('refuses what it %s by', (_, operationOf) => {
    const here = world();
    const [source, operation] = operationOf(here);
    here.ledger.freeze(here.line(here.alice));
    expect(here.refused({ source, operations: [bump(0n), operation] })).toMatchObject(frozen);
  });

  test('leaves all else to its account', () => {
    const { ledger, line, alice, bob, apply } = world();
    ledger.freeze(line(alice));
    const operations = [pay(bob, 1n), data('a', '1'), set({ homeDomain: 'example.org' })];
    expect(apply({ source: alice, operations })).toMatchObject({ result: { tx_success: { length: 3 } } });
  });
});

describe('freezing', () => {
  test('drops what waits already, spending nothing, and ends with thaw', () => {
    const { ledger, freeze, alice, bob, send, close, account, apply, envelope } = world();
    const waiting = envelope({ source: alice, operations: [pay(bob, 1n)] });
    const answer = send(waiting);
    if (answer.status !== 'PENDING') throw new Error(answer.status);
    const before = account(alice);
    freeze(bob);
    close();
    expect(ledger.transaction(answer.hash)).toBeUndefined();
    expect(account(alice)).toEqual(before);
    expect(send(waiting).status).toBe('TRY_AGAIN_LATER');
    ledger.thaw(accountKey(bob.publicKey()));
    expect(apply({ source: alice, operations: [pay(bob, 2n)] })).toMatchObject({
      result: { tx_success: expect.anything() },
    });
  });

  test('is for accounts, trustlines, contract data and code alone', () => {
    const { ledger, alice, issuer, line } = world();
    const pool = new LedgerKeyTrustLine({
      accountId: alice.xdrAccountId(),
      asset: TrustLineAsset.assetTypePoolShare(new PoolId(new Uint8Array(32))),
    });
    for (const key of [
      dataKey({ account: alice.publicKey(), name: 'a' }),
      LedgerKey.ttl(new LedgerKeyTtl({ keyHash: new Uint8Array(32) })),
      LedgerKey.trustline(pool),
      line(issuer),
    ]) {
      expect(() => ledger.freeze(key)).toThrow(FreezeError);
      expect(() => ledger.thaw(key)).toThrow(FreezeError);
    }
  });
});
