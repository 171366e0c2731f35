import { describe, expect, test } from '@jest/globals';
import type { Keypair } from '@stellar/stellar-sdk/base';
import fc from 'fast-check';
import { contractDataKey } from '../ledger/contract-entries.ts';
import {
  callEnvelope,
  invocation,
  SOME_CONTRACT,
  signedEntry,
  simulatedData,
  simulateTransfer,
  transferArgs,
} from '../testing/contract-calls.ts';
import { createHarness, LUMEN } from '../testing/harness.ts';
import { issued, payAsset, trust } from '../testing/operations.ts';
import { deployAssetContract } from './admin.ts';
import { balancePlace } from './balance.ts';
import { readInt128, structFields } from './values.ts';

interface Step {
  readonly from: number;
  readonly to: number;
  readonly amount: bigint;
  readonly nonce: bigint;
  readonly until: number;
  /** Which holder signs. */
  readonly signer: number;
}

const HOLDERS = 3;
/** A holder, or the contract beside them. */
const place = fc.nat({ max: HOLDERS });
const holder = fc.nat({ max: HOLDERS - 1 });
const step: fc.Arbitrary<Step> = fc.record({
  from: holder,
  to: place,
  amount: fc.bigInt({ min: 0n, max: 150n }),
  nonce: fc.bigInt({ min: 0n, max: 3n }),
  until: fc.integer({ min: -1, max: 3 }),
  signer: fc.oneof({ arbitrary: fc.constant(-1), weight: 4 }, { arbitrary: holder, weight: 1 }),
});

describe('any sequence of good and bad calls', () => {
  test('keeps all lumens and all of an issued asset, moves what succeeds, and uses every nonce once', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        const harness = createHarness();
        const { ledger } = harness;
        const [channel, issuer] = [harness.fund(1000n * LUMEN), harness.fund(100n * LUMEN)];
        const asset = issued('USD', issuer);
        const holders = Array.from({ length: HOLDERS }, () => harness.fund(100n * LUMEN));
        for (const source of holders) harness.apply({ source, operations: [trust(asset, 250n)] });
        for (const keys of holders) harness.apply({ source: issuer, operations: [payAsset(asset, keys, 100n)] });
        const contract = deployAssetContract(ledger, `USD:${issuer.publicKey()}`);
        const at = (index: number): Keypair => holders[index] ?? channel;
        const balances = () => [
          ...holders.map(
            (keys) =>
              ledger.scratch().trustline(keys.publicKey(), { code: 'USD', issuer: issuer.publicKey() })?.balance,
          ),
          contractBalance(ledger.entry(contractDataKey(balancePlace(contract, SOME_CONTRACT)))),
        ];
        const sum = (amounts: readonly (bigint | undefined)[]) => amounts.reduce<bigint>((a, b) => a + (b ?? 0n), 0n);
        const lumens = () => sum([...ledger.accounts().map(({ balance }) => balance), ledger.feePool()]);
        const total = lumens();
        const used = new Set<string>();

        for (const { from, to, amount, nonce, until, signer } of steps) {
          const sender = at(from);
          const receiver = to === HOLDERS ? SOME_CONTRACT : at(to).publicKey();
          const transfer = { contract, from: sender.publicKey(), to: receiver, amount };
          const entry = (own: bigint, keys: Keypair, last: number) =>
            signedEntry(transfer, { signers: [keys], nonce: own, until: ledger.latest().sequence + last });
          // What a good call needs: the one under test may then fail in any way.
          const needed = simulateTransfer(harness, { ...transfer, amount: 0n }, channel, [
            signedEntry(
              { ...transfer, amount: 0n },
              { signers: [sender], nonce: 100n + BigInt(used.size), until: 10_000 },
            ),
          ]);
          const entryUnderTest = entry(nonce, signer === -1 ? sender : at(signer), until);
          const own = simulateTransfer(harness, transfer, channel, [entryUnderTest]);
          const data = simulatedData(own.error === undefined ? own : needed);
          const before = balances();
          const envelope = callEnvelope(harness, {
            source: channel,
            operations: [invocation(transferArgs(transfer), [entryUnderTest])],
            data,
          });
          const succeeded = JSON.stringify(harness.apply(envelope)).includes('tx_success');
          expect(succeeded).toBe(own.error === undefined);
          const moved = (index: number) =>
            succeeded ? (index === to ? amount : 0n) - (index === from ? amount : 0n) : 0n;
          expect(balances()).toEqual(
            before.map((balance, index) =>
              balance === undefined && !(succeeded && index === to) ? undefined : (balance ?? 0n) + moved(index),
            ),
          );
          const name = `${from} ${nonce}`;
          if (succeeded) expect(used.has(name)).toBe(false);
          if (succeeded) used.add(name);
          expect(sum(balances())).toBe(300n);
          expect(lumens()).toBe(total);
        }
      }),
      { numRuns: 15 },
    );
  });
});

function contractBalance(entry: ReturnType<ReturnType<typeof createHarness>['ledger']['entry']>): bigint | undefined {
  return entry?.kind === 'contractData' ? readInt128(structFields(entry.value).get('amount')) : undefined;
}
