import { describe, expect, test } from '@jest/globals';
import {
  ETH,
  EVM,
  evmFile,
  issuesOf,
  keyOf,
  load,
  SOROBAN,
  SSH_KEYS,
  STELLAR,
  stellarFile,
  USD,
  XLM,
} from '../testing/files.ts';

const HOUR = 3600;
const xlm = (words: object) => stellarFile({ assets: { [XLM]: { max_per_payout: '10', ...words } } });
const limitsOf = (file: unknown) => [...keyOf(file).assets.values()][0];
const field = (words: string) => `keys.k.stellar.assets.${XLM}.${words}`;

describe('limits of an asset', () => {
  test('are read in the smallest unit', () => {
    const words = {
      max_per_transaction: '50.5',
      approval_above: '2',
      windows: [
        { seconds: HOUR, max_amount: '100', max_count: 7 },
        { seconds: 24 * HOUR, max_amount: '922337203685.4775807' },
        { seconds: 31_622_400, max_count: Number.MAX_SAFE_INTEGER },
      ],
    };
    const approvals = { threshold: 1, approvers: SSH_KEYS, unlisted_destinations: false, max_lifetime_seconds: 1 };
    const assets = { [XLM]: { max_per_payout: '10', ...words } };
    expect(limitsOf(stellarFile({ assets }, { approvals }))).toEqual({
      decimals: 7,
      maxPerPayout: 100_000_000n,
      maxPerTransaction: 505_000_000n,
      approvalAbove: 20_000_000n,
      windows: [
        { seconds: HOUR, maxAmount: 1_000_000_000n, maxCount: 7n },
        { seconds: 24 * HOUR, maxAmount: 2n ** 63n - 1n },
        { seconds: 31_622_400, maxCount: 2n ** 53n - 1n },
      ],
    });
  });

  test('of an issued asset name its issuer', () => {
    const assets = { [USD]: { max_per_payout: '1' } };
    expect(limitsOf(stellarFile({ assets }))?.issuer).toBe(USD.slice(-56));
  });

  test.each<[name: string, words: object, problem: string | RegExp]>([
    ['no windows', { windows: [] }, /windows: Too small/],
    [
      'a window without a limit',
      { windows: [{ seconds: HOUR }] },
      'windows.0: expected `max_amount`, `max_count` or both',
    ],
    ['a window without a length', { windows: [{ max_count: 1 }] }, /windows.0.seconds: /],
    ['a window of no length', { windows: [{ seconds: 0, max_count: 1 }] }, /windows.0.seconds: Too small/],
    ['a window of part of a second', { windows: [{ seconds: 0.5, max_count: 1 }] }, /windows.0.seconds: /],
    [
      'a window of more than a year',
      { windows: [{ seconds: 31_622_401, max_count: 1 }] },
      /windows.0.seconds: Too big/,
    ],
    [
      'two windows of one length',
      {
        windows: [
          { seconds: HOUR, max_count: 1 },
          { seconds: 60, max_count: 1 },
          { seconds: HOUR, max_amount: '10' },
        ],
      },
      'windows.2.seconds: expected one window of 3600 seconds',
    ],
    ['no payouts in a window', { windows: [{ seconds: HOUR, max_count: 0 }] }, /windows.0.max_count: Too small/],
    ['half a payout in a window', { windows: [{ seconds: HOUR, max_count: 1.5 }] }, /windows.0.max_count: /],
    [
      'a window in which the largest payout has no room',
      { windows: [{ seconds: HOUR, max_amount: '9.9999999' }] },
      'windows.0.max_amount: expected at least 10, which one transaction may take',
    ],
    [
      'a window in which the largest transaction has no room',
      { max_per_transaction: '20', windows: [{ seconds: HOUR, max_amount: '19.9999999' }] },
      'windows.0.max_amount: expected at least 20, which one transaction may take',
    ],
    [
      'a window beyond what the network can count',
      { windows: [{ seconds: HOUR, max_amount: '922337203685.4775808' }] },
      /windows.0.max_amount: .*expected at most 922337203685.4775807/,
    ],
    ['an amount that is a number', { windows: [{ seconds: HOUR, max_amount: 100 }] }, /windows.0.max_amount: .*string/],
    ['a negative amount', { windows: [{ seconds: HOUR, max_amount: '-100' }] }, /windows.0.max_amount: /],
    [
      'an unknown word in a window',
      { windows: [{ seconds: 1, max_count: 1, hours: 1 }] },
      'windows.0.hours: unknown word',
    ],
    [
      'less for a transaction than for a payout',
      { max_per_transaction: '9.9999999' },
      'max_per_transaction: expected at least `max_per_payout`',
    ],
    [
      'an amount for approvals without approvers',
      { approval_above: '1' },
      'approval_above: needs the `approvals` of the key',
    ],
  ])('refuse to load with %s', (_, words, problem) => {
    expect(issuesOf(xlm(words))).toEqual([
      typeof problem === 'string' ? field(problem) : expect.stringMatching(problem),
    ]);
  });

  test.each([
    { max_per_transaction: '10' },
    { windows: [{ seconds: HOUR, max_amount: '10' }] },
    { max_per_transaction: '20', windows: [{ seconds: HOUR, max_amount: '20' }] },
    {
      windows: [
        { seconds: 1, max_count: 1 },
        { seconds: 2, max_count: 1 },
      ],
    },
  ])('load at their edge: %j', (words) => {
    expect(issuesOf(xlm(words))).toEqual([]);
  });
});

describe('the fee budget of a key', () => {
  test('is read in stroops and wei', () => {
    const budget = {
      fee_budget: [
        { seconds: HOUR, max: '1.5' },
        { seconds: 60, max: '0.5' },
      ],
    };
    expect(keyOf(stellarFile({}, budget)).feeWindows).toEqual([
      { seconds: HOUR, maxAmount: 15_000_000n },
      { seconds: 60, maxAmount: 5_000_000n },
    ]);
    expect(keyOf(evmFile({}, { fee_budget: [{ seconds: HOUR, max: '1.5' }] })).feeWindows).toEqual([
      { seconds: HOUR, maxAmount: 15n * 10n ** 17n },
    ]);
    expect(keyOf(stellarFile()).feeWindows).toEqual([]);
  });

  test.each<[name: string, file: (max: string) => unknown, least: string, below: string]>([
    ['a payment', (max) => stellarFile({}, { fee_budget: [{ seconds: 1, max }] }), '0.1', '0.0999999'],
    [
      'an invocation',
      (max) => stellarFile({ soroban: SOROBAN }, { fee_budget: [{ seconds: 1, max }] }),
      '0.6',
      '0.5999999',
    ],
    // 100,000 gas at 500 gwei.
    ['the EVM', (max) => evmFile({}, { fee_budget: [{ seconds: 1, max }] }), '0.05', '0.049999999999999999'],
  ])('has room for the highest fee of %s', (_, file, least, below) => {
    expect(issuesOf(file(least))).toEqual([]);
    expect(issuesOf(file(below))).toEqual([
      `keys.k.fee_budget.0.max: expected at least ${least}, which one transaction may take`,
    ]);
  });

  test.each<[name: string, budget: unknown, problem: RegExp]>([
    ['an empty one', [], /^keys.k.fee_budget: Too small/],
    [
      'two of one length',
      [
        { seconds: 1, max: '1' },
        { seconds: 1, max: '2' },
      ],
      /^keys.k.fee_budget.1.seconds: expected one window of 1 seconds/,
    ],
    [
      'more digits than the coin has',
      [{ seconds: 1, max: '1.00000001' }],
      /^keys.k.fee_budget.0.max: .*expected at most 7 fraction digits/,
    ],
    ['an unknown word', [{ seconds: 1, max: '1', max_count: 1 }], /^keys.k.fee_budget.0.max_count: unknown word/],
  ])('refuses %s', (_, fee_budget, problem) => {
    expect(issuesOf(stellarFile({}, { fee_budget }))).toEqual([expect.stringMatching(problem)]);
  });

  test('stands beside a part that is wrong, and both are told', () => {
    const budget = { fee_budget: [{ seconds: 1, max: 'x' }] };
    expect(issuesOf(stellarFile({ max_fee: 'y' }, budget)).map((problem) => problem.split(':')[0])).toEqual([
      'keys.k.stellar.max_fee',
      'keys.k.fee_budget.0.max',
    ]);
  });

  test('is of one key', () => {
    const one = { callers: {}, stellar: STELLAR, fee_budget: [{ seconds: 1, max: '1' }] };
    const { keys } = load({ version: 1, environment: 'test', keys: { one, other: { callers: {}, evm: EVM } } });
    expect([...keys.values()].map(({ feeWindows }) => feeWindows.length)).toEqual([1, 0]);
  });
});

test('no window of an asset is the window of another', () => {
  const assets = {
    [ETH]: { max_per_payout: '1', windows: [{ seconds: HOUR, max_count: 1 }] },
    'eip155:31337/erc20:0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48': {
      max_per_payout: '1',
      decimals: 6,
      windows: [{ seconds: HOUR, max_amount: '1' }],
    },
  };
  expect([...keyOf(evmFile({ assets })).assets.values()].map(({ windows }) => windows)).toEqual([
    [{ seconds: HOUR, maxCount: 1n }],
    [{ seconds: HOUR, maxAmount: 1_000_000n }],
  ]);
});
