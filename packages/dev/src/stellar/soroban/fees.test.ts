import { describe, expect, test } from '@jest/globals';
import { eventsFee, nonRefundableFee, type RentChange, type Resources, rentFee } from './fees.ts';

/** Expectations of soroban-env-host's own tests (src/test/fees.rs): prices, amounts and fees are theirs. */
const PRICES = {
  perInstructionIncrement: 1000n,
  perDiskReadEntry: 2000n,
  perWriteEntry: 3000n,
  perDiskRead1Kb: 4000n,
  perWrite1Kb: 5000n,
  perHistorical1Kb: 6000n,
  perEvent1Kb: 7000n,
  perTransactionSize1Kb: 8000n,
};
const FOR_THE_RESULT = 1758n;

describe('the fee for resources', () => {
  const cases: [Partial<Resources>, bigint][] = [
    [{}, 0n],
    [{ instructions: 1 }, 1n],
    [{ instructions: 123_451_234 }, 12_345_124n],
    [{ instructions: 4_294_967_295 }, 429_496_730n],
    [{ diskReadEntries: 5 }, 10_000n],
    [{ writeEntries: 5 }, 15_000n],
    [{ diskReadBytes: 1 }, 4n],
    [{ diskReadBytes: 5 * 1024 + 1 }, 20_004n],
    [{ writeBytes: 1 }, 5n],
    [{ writeBytes: 5 * 1024 + 1 }, 25_005n],
    [{ transactionSize: 1 }, 14n],
    [{ transactionSize: 5 * 1024 + 1 }, 70_014n],
  ];
  test.each(cases)('%p', (used, fee) => {
    const none = {
      instructions: 0,
      diskReadEntries: 0,
      diskReadBytes: 0,
      writeEntries: 0,
      writeBytes: 0,
      transactionSize: 0,
    };
    expect(nonRefundableFee({ ...none, ...used }, PRICES)).toBe(FOR_THE_RESULT + fee);
  });

  test('of events is apart', () => {
    expect([1, 5 * 1024, 5 * 1024 + 1].map((bytes) => eventsFee(bytes, PRICES))).toEqual([7n, 35_000n, 35_007n]);
  });
});

describe('rent', () => {
  const prices = {
    perWriteEntry: 10n,
    perWrite1Kb: 1000n,
    per1Kb: 1000n,
    persistentDenominator: 10_000n,
    temporaryDenominator: 100_000n,
  };
  const change = (before: [number, number], after: [number, number], persistent = true): RentChange => ({
    persistent,
    before: { size: before[0], until: before[1] },
    after: { size: after[0], until: after[1] },
  });
  const KB10 = 10 * 1024;
  const LATER: [number, number] = [KB10, 300_000];

  const cases: [string, RentChange[], number, bigint][] = [
    ['a small entry for long', [change([1, 100_000], [1, 300_000])], 50_000, 77n],
    ['a large entry for a ledger', [change([KB10, 100_000], [KB10, 100_001])], 50_000, 58n],
    ['a large entry for long', [change([KB10, 100_000], LATER)], 50_000, 200_057n],
    ['a shrunken entry', [change([KB10, 100_000], [5 * 1024, 300_000])], 50_000, 100_057n],
    ['a temporary entry', [change([KB10, 100_000], LATER, false)], 50_000, 20_057n],
    ['a grown entry', [change([1, 100_000], [100_000, 100_000])], 25_000, 732_425n],
    ['a grown temporary entry', [change([1, 100_000], [100_000, 100_000], false)], 25_000, 73_243n],
    ['an entry that grew by a byte', [change([99_999, 100_000], [100_000, 100_000])], 25_000, 8n],
    ['a grown entry for longer', [change([1, 100_000], [100_000, 300_000])], 25_000, 2_685_607n],
    ['a new entry', [change([0, 0], [100_000, 100_000])], 25_000, 732_489n],
    ['a new temporary entry', [change([0, 0], [100_000, 100_000], false)], 25_000, 73_301n],
    ['an entry left alone', [change([KB10, 100_000], [KB10, 100_000])], 25_000, 0n],
    [
      'two entries for longer',
      [change([1, 100_000], [100_000, 300_000]), change([1, 100_000], [100_000, 300_000], false)],
      25_000,
      2_954_220n,
    ],
  ];
  test.each(cases)('%s', (_name, changes, ledger, fee) => {
    expect(rentFee(changes, ledger, prices)).toBe(fee);
  });
});
