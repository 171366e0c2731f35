import { describe, expect, test } from '@jest/globals';
import type { Keypair } from '@stellar/stellar-sdk/base';
import type { Asset, Operation } from '@stellar/stellar-sdk/xdr';
import fc from 'fast-check';
import { createHarness, type Harness, LUMEN, newKeys } from '../testing/harness.ts';
import { create, data, issued, payAsset, set, setLineFlags, signer, trust } from '../testing/operations.ts';
import { succeeded } from './result.ts';

const [usdIssuer, longIssuer, alice, bob] = [newKeys(), newKeys(), newKeys(), newKeys()];
const people = [usdIssuer, longIssuer, alice, bob];
const assets = [
  { code: 'USD', issuer: usdIssuer, xdr: issued('USD', usdIssuer) },
  { code: 'LONGUSD', issuer: longIssuer, xdr: issued('LONGUSD', longIssuer) },
];

interface Step {
  readonly source: Keypair;
  readonly operation: Operation;
  /** What it makes (or, negative, ends) of which asset, if it succeeds. */
  readonly made?: { readonly xdr: Asset; readonly amount: bigint };
}

const person = fc.constantFrom(...people);
const anyAsset = fc.constantFrom(...assets);
const flags = fc.integer({ min: 0, max: 3 });

const payment: fc.Arbitrary<Step> = fc
  .record({ asset: anyAsset, from: person, to: person, amount: fc.bigInt({ min: 1n, max: 150n }) })
  .map(({ asset: { xdr, issuer }, from, to, amount }) => ({
    source: from,
    operation: payAsset(xdr, to, amount),
    made: { xdr, amount: (from === issuer ? amount : 0n) - (to === issuer ? amount : 0n) },
  }));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: payment },
  {
    weight: 4,
    arbitrary: fc
      .tuple(anyAsset, person, fc.bigInt({ min: 0n, max: 300n }))
      .map(([{ xdr }, source, limit]) => ({ source, operation: trust(xdr, limit) })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ asset: anyAsset, trustor: person, set: flags, clear: flags })
      .map(({ asset, trustor, ...change }) => ({
        source: asset.issuer,
        operation: setLineFlags(trustor, asset.xdr, change),
      })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(person, fc.constantFrom('a', 'b'), fc.option(fc.string(), { nil: undefined }))
      .map(([source, name, value]) => ({ source, operation: data(name, value) })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(person, person, fc.integer({ min: 0, max: 1 }))
      .map(([source, other, weight]) => ({ source, operation: set({ signer: signer(other, weight) }) })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(person, flags).map(([source, setFlags]) => ({ source, operation: set({ setFlags }) })),
  },
);

describe('issued assets', () => {
  test('what all trustlines hold is what the issuer has made; subentries are counted', () => {
    const codes = new Set<string>();
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 30 }), (steps) => {
        const harness = createHarness();
        harness.apply({ source: harness.root, operations: people.map((keys) => create(keys, 4n * LUMEN)) });
        for (const keys of [alice, bob]) {
          harness.apply({ source: keys, operations: assets.map(({ xdr }) => trust(xdr, 200n)) });
        }
        const outstanding = new Map(assets.map(({ xdr }) => [xdr, 0n]));
        for (const { source, operation, made } of steps) {
          const answer = harness.send({ source, operations: [operation] });
          harness.close();
          const included = answer.status === 'PENDING' ? harness.ledger.transaction(answer.hash) : undefined;
          const good = included !== undefined && succeeded(included.result);
          if (included) codes.add(codeOf(included.result));
          if (good && made) outstanding.set(made.xdr, (outstanding.get(made.xdr) ?? 0n) + made.amount);
          for (const { code, xdr } of assets) expect(held(harness, code)).toBe(outstanding.get(xdr));
          expectSoundEntries(harness);
        }
      }),
      { numRuns: 15 },
    );
    expect([...codes]).toEqual(
      expect.arrayContaining(['paymentSuccess', 'paymentLineFull', 'paymentUnderfunded', 'changeTrustSuccess']),
    );
  });
});

function codeOf({ result }: NonNullable<ReturnType<Harness['ledger']['transaction']>>['result']): string {
  if (result.type !== 'txSuccess' && result.type !== 'txFailed') return result.type;
  const [operation] = result.results;
  return operation?.type === 'opInner' ? operation.tr.value.type : `${operation?.type}`;
}

function held({ ledger }: Harness, code: string): bigint {
  return ledger
    .entries()
    .reduce((sum, entry) => (entry.kind === 'trustline' && entry.asset.code === code ? sum + entry.balance : sum), 0n);
}

function expectSoundEntries({ ledger }: Harness): void {
  const entries = ledger.entries();
  const owners = entries.flatMap((entry) =>
    entry.kind === 'trustline' || entry.kind === 'data' ? [entry.account] : [],
  );
  for (const entry of entries) {
    if (entry.kind === 'trustline') {
      expect(entry.balance).toBeGreaterThanOrEqual(0n);
      expect(entry.balance).toBeLessThanOrEqual(entry.limit);
      expect([0, 1, 2]).toContain(entry.flags);
    }
    if (entry.kind === 'account') {
      expect(entry.subentries).toBe(entry.signers.length + owners.filter((owner) => owner === entry.address).length);
    }
  }
}
