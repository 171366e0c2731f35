import { describe, expect, test } from '@jest/globals';
import type { Keypair } from '@stellar/stellar-sdk/base';
import { AlphaNum12, Asset } from '@stellar/stellar-sdk/xdr';
import { createHarness, HALF_LUMEN, type Harness, LUMEN, newKeys } from '../../testing/harness.ts';
import { data, issued, payAsset, set, signer, trust } from '../../testing/operations.ts';
import { MAX_INT64 } from '../network.ts';

const succeeded = { result: { tx_success: [{ op_inner: { change_trust: 'success' } }] } };
const failed = (result: string) => ({ result: { tx_failed: [{ op_inner: { change_trust: result } }] } });

function world() {
  const harness = createHarness();
  const [issuer, alice] = [harness.fund(10n * LUMEN), harness.fund(10n * LUMEN)];
  const usd = issued('USD', issuer);
  return { ...harness, issuer, alice, usd, line: () => lineOf(harness, alice, issuer) };
}

function lineOf({ ledger }: Harness, holder: Keypair, issuer: Keypair) {
  return ledger.scratch().trustline(holder.publicKey(), { code: 'USD', issuer: issuer.publicKey() });
}

describe('change trust', () => {
  test('creates an authorized trustline, which is a subentry', () => {
    const { apply, alice, usd, line, account, ledger } = world();
    expect(apply({ source: alice, operations: [trust(usd, 7n)] })).toMatchObject(succeeded);
    const lastModified = ledger.latest().sequence;
    expect(line()).toMatchObject({ balance: 0n, limit: 7n, flags: 1, lastModified });
    expect(account(alice)).toMatchObject({ subentries: 1, lastModified });
  });

  test.each([
    [1, 0],
    [3, 0],
    [2, 1],
    [10, 5],
    [11, 4],
  ])('issuer flags %i give trustline flags %i', (issuerFlags, flags) => {
    const { apply, issuer, alice, usd, line } = world();
    apply({ source: issuer, operations: [set({ setFlags: issuerFlags })] });
    expect(apply({ source: alice, operations: [trust(usd, 1n)] })).toMatchObject(succeeded);
    expect(line()?.flags).toBe(flags);
  });

  test('changes the limit, but not below what is held', () => {
    const { apply, issuer, alice, usd, line, account } = world();
    apply({ source: alice, operations: [trust(usd, MAX_INT64)] });
    apply({ source: issuer, operations: [payAsset(usd, alice, 5n)] });
    expect(apply({ source: alice, operations: [trust(usd, 4n)] })).toMatchObject(failed('invalid_limit'));
    expect(line()?.limit).toBe(MAX_INT64);
    expect(apply({ source: alice, operations: [trust(usd, 5n)] })).toMatchObject(succeeded);
    expect(line()).toMatchObject({ limit: 5n, balance: 5n });
    expect(account(alice).subentries).toBe(1);
  });

  test('a limit of 0 deletes an empty trustline and frees its reserve', () => {
    const { apply, issuer, alice, usd, line, account } = world();
    apply({ source: alice, operations: [trust(usd, 5n)] });
    apply({ source: issuer, operations: [payAsset(usd, alice, 5n)] });
    expect(apply({ source: alice, operations: [trust(usd, 0n)] })).toMatchObject(failed('invalid_limit'));
    apply({ source: alice, operations: [payAsset(usd, issuer, 5n)] });
    expect(apply({ source: alice, operations: [trust(usd, 0n)] })).toMatchObject(succeeded);
    expect(line()).toBeUndefined();
    expect(account(alice).subentries).toBe(0);
  });

  test('a trustline that is not there cannot be deleted', () => {
    const { apply, alice, usd } = world();
    expect(apply({ source: alice, operations: [trust(usd, 0n)] })).toMatchObject(failed('invalid_limit'));
  });

  test('a new trustline needs an issuer that exists, also where the reserve would not do', () => {
    const { apply, fund } = world();
    const poor = fund(LUMEN + 100n);
    const operations = [trust(issued('USD', newKeys()), 1n)];
    expect(apply({ source: poor, operations })).toMatchObject(failed('no_issuer'));
  });

  test('a trustline costs half a lumen of reserve, together with signers and data', () => {
    const { apply, fund, usd } = world();
    const three = fund(LUMEN + 3n * HALF_LUMEN + 600n);
    apply({ source: three, operations: [set({ signer: signer(newKeys(), 1) }), data('a', 'b'), trust(usd, 1n)] });
    const eur = issued('EUR', fund(LUMEN));
    expect(apply({ source: three, operations: [trust(eur, 1n)] })).toMatchObject(failed('low_reserve'));
    expect(apply({ source: three, operations: [trust(usd, 2n)] })).toMatchObject(succeeded);
  });

  test('lumens, a negative limit, an invalid code and trust in oneself are malformed', () => {
    const { refused, alice, usd } = world();
    const short = new AlphaNum12({
      assetCode: new TextEncoder().encode('USD\0'.padEnd(12, '\0')),
      issuer: alice.xdrAccountId(),
    });
    for (const operation of [
      trust(Asset.assetTypeNative(), 1n),
      trust(usd, -1n),
      trust(issued('U-D', newKeys()), 1n),
      trust(Asset.assetTypeCreditAlphanum12(short), 1n),
      trust(issued('USD', alice), 1n),
    ]) {
      expect(refused({ source: alice, operations: [operation] })).toMatchObject(failed('malformed'));
    }
  });

  test('a thousand subentries are the most', () => {
    const { apply, fund, account } = createHarness();
    const issuer = fund(10n * LUMEN);
    const rich = fund(1_000n * LUMEN);
    for (let block = 0; block < 10; block++) {
      const lines = Array.from({ length: 100 }, (_, index) => trust(issued(`A${block}X${index}`, issuer), 1n));
      apply({ source: rich, operations: lines });
    }
    expect(account(rich).subentries).toBe(1_000);
    const tooMany = { result: { tx_failed: ['op_too_many_subentries'] } };
    for (const one of [trust(issued('MORE', issuer), 1n), data('a', 'b'), set({ signer: signer(newKeys(), 1) })]) {
      expect(apply({ source: rich, operations: [one] })).toMatchObject(tooMany);
    }
  });

  test('rolls back with its transaction', () => {
    const { apply, alice, usd, line, account } = world();
    apply({ source: alice, operations: [trust(usd, 5n), payAsset(usd, newKeys(), 1n)] });
    expect(line()).toBeUndefined();
    expect(account(alice).subentries).toBe(0);
  });
});
