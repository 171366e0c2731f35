import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatUnits } from 'viem/utils';
import { refusal, refusedWith } from '../testing/refused.ts';
import { formatAmount, parseAmount } from './amount.ts';

const MAX = 2n ** 256n - 1n;
const units = fc.bigInt({ min: 0n, max: MAX });
const decimals = fc.integer({ min: 0, max: 24 });

describe('an amount', () => {
  test('written and read is the same number', () => {
    fc.assert(
      fc.property(units, decimals, (value, places) => {
        expect(parseAmount(formatAmount(value, places), places, MAX)).toBe(value);
      }),
    );
  });

  test('is written as viem writes it', () => {
    fc.assert(
      fc.property(units, decimals, (value, places) => {
        expect(formatAmount(value, places)).toBe(formatUnits(value, places));
      }),
    );
  });

  test.each([
    ['0', 7, 0n],
    ['0.0', 7, 0n],
    ['0.0000001', 7, 1n],
    ['12.5', 7, 125_000_000n],
    ['1000.0', 7, 10_000_000_000n],
    ['922337203685.4775807', 7, 2n ** 63n - 1n],
    ['1.000000000000000001', 18, 1_000_000_000_000_000_001n],
    ['7', 0, 7n],
  ])('%s with %d decimals is %s', (text, places, value) => {
    expect(parseAmount(text, places, MAX)).toBe(value);
  });

  test.each([
    [''],
    [' 1'],
    ['1 '],
    ['1\n'],
    ['+1'],
    ['-1'],
    ['-0'],
    ['01'],
    ['00'],
    ['00.1'],
    ['.5'],
    ['5.'],
    ['1.2.3'],
    ['1,5'],
    ['1_000'],
    ['1e3'],
    ['0x10'],
    ['1n'],
    ['NaN'],
    ['Infinity'],
    ['١٢'],
    ['１'],
    ['9'.repeat(129)],
    [`0.${'0'.repeat(200_000)}`],
    [5 as never],
    [5n as never],
    [null as never],
  ])('is not %.20j', (text) => {
    expect(refusedWith(() => parseAmount(text, 7, MAX))).toEqual({ code: 'INVALID_AMOUNT', field: 'amount' });
  });

  test('has no more digits than its asset, not even zeros', () => {
    expect(refusal(() => parseAmount('0.00000010', 7, MAX))).toMatchObject({
      code: 'AMOUNT_TOO_PRECISE',
      message: 'amount: expected at most 7 fraction digits, got 8',
    });
    expect(refusedWith(() => parseAmount('1.0', 0, MAX))).toEqual({ code: 'AMOUNT_TOO_PRECISE', field: 'amount' });
  });

  test('is at most the bound', () => {
    expect(parseAmount('1.5', 1, 15n)).toBe(15n);
    expect(refusal(() => parseAmount('1.6', 1, 15n))).toMatchObject({
      code: 'AMOUNT_OUT_OF_RANGE',
      message: 'amount: expected at most 1.5, got 1.6',
    });
  });

  test('below zero is not written', () => {
    expect(refusedWith(() => formatAmount(-1n, 7))).toEqual({ code: 'INVALID_AMOUNT', field: 'amount' });
  });
});
