import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { payout, STELLAR_KEY, stellarAsk, XLM } from '../../testing/asks.ts';
import { openStores, reserveIn, type Stores } from '../../testing/stores.ts';

const LENGTHS = [5, 60, 3_600];
const SECOND = 1_000_000n;

let stores: Stores;

beforeAll(async () => {
  stores = await openStores();
});
afterAll(async () => {
  await stores[Symbol.asyncDispose]();
});

interface Charge {
  readonly amount: bigint;
  readonly at: bigint;
}

interface Kept {
  readonly seconds: number;
  readonly amount: string;
  readonly count: bigint;
  readonly swept: bigint;
}

/** Microseconds of Unix time, by the time of the database less all that was let pass. */
const MICROSECONDS = '(extract(epoch from $) * 1000000)::bigint';

async function chargedAt(payoutId: string): Promise<bigint> {
  const text = `select ${MICROSECONDS.replace('$', 'charged_at')} as at from charges where item = $1 and measure = $2`;
  const { rows } = await stores.database.pool.query<{ at: bigint }>(text, [payoutId, XLM]);
  return rows[0]?.at ?? 0n;
}

async function sums(): Promise<Kept[]> {
  const text = `select seconds, amount::text, count, ${MICROSECONDS.replace('$', 'swept_until')} as swept
    from spend_counters where key_id = $1 and measure = $2 order by seconds`;
  return (await stores.database.pool.query<Kept>(text, [STELLAR_KEY, XLM])).rows;
}

const steps = fc.array(
  fc.record({
    passed: fc.oneof(fc.constantFrom(0n, 5n * SECOND, 60n * SECOND), fc.bigInt(0n, 90n * SECOND)),
    payout: fc.nat(5),
    replica: fc.nat(1),
  }),
  { minLength: 1, maxLength: 12 },
);

const lengths = fc.subarray(LENGTHS, { minLength: 1 });

test('the sums in the database are what lies in each window when it is looked at', async () => {
  await fc.assert(
    fc.asyncProperty(lengths, steps, async (lengths, steps) => {
      const windows = lengths.map((seconds) => ({ seconds, maxAmount: 1_000n }));
      await stores.forget();
      const charges = new Map<string, Charge>();
      let passed = 0n;
      for (const [i, step] of steps.entries()) {
        await stores.pass(step.passed);
        passed += step.passed;
        const id = `po_${step.payout}`;
        const amount = BigInt(step.payout + 1) * 10n;
        const ask = stellarAsk([payout(id, { amount })], { windows, sequence: BigInt(i + 1) });
        expect(await reserveIn(stores.pair[step.replica === 0 ? 0 : 1], ask)).toBe('reserved');
        charges.set(id, { amount, at: (await chargedAt(id)) + passed });
        for (const kept of await sums()) {
          const inside = [...charges.values()].filter(({ at }) => at > kept.swept + passed);
          const amountInside = inside.reduce((sum, charge) => sum + charge.amount, 0n);
          expect([kept.seconds, BigInt(kept.amount), kept.count]).toEqual([
            kept.seconds,
            amountInside,
            BigInt(inside.length),
          ]);
        }
      }
    }),
    { numRuns: 40 },
  );
});
