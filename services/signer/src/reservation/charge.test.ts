import { sep41Asset } from '@countersign/chains/caip';
import { describe, expect, test } from '@jest/globals';
import {
  authorizationAsk,
  evmAsk,
  invocationAsk,
  NETWORK,
  payout,
  STELLAR_KEY,
  stellarAsk,
  XLM,
} from '../../testing/asks.ts';
import { bookWith, counter, NOW, seconds } from '../../testing/books.ts';
import { refusalOf } from '../../testing/refusals.ts';
import { rowKey } from './book.ts';
import { FEE, itemsOf, spendingOf } from './charge.ts';

const HOUR = 3_600;
const USD = sep41Asset(NETWORK, 'CCW67TSZV3SSS2HXMBQ5JFGCKJNXKZM7UQUWUZPUTHXSTZLEO7SJMI75');
const key = (item: string, measure: string = XLM) => rowKey(STELLAR_KEY, measure, item);
const window = (length = HOUR, measure: string = XLM) => rowKey(STELLAR_KEY, measure, length);
const amountOf = (maxAmount: bigint) => ({ windows: [{ seconds: HOUR, maxAmount }] });
const countOf = (maxCount: bigint) => ({ windows: [{ seconds: HOUR, maxCount }] });

/** The answer in plain entries. */
function spending(...[book, ask]: Parameters<typeof spendingOf>) {
  const { charges, spent } = spendingOf(book, ask);
  return { charges: [...charges], spent: [...spent] };
}

describe('what is charged', () => {
  test('is each payout to its asset, then the fee to its slot', () => {
    const windows = [{ seconds: 60, maxCount: 1n }];
    const feeWindows = [{ seconds: 30, maxAmount: 9n }];
    const assets = new Map([[XLM, windows]]);
    const payouts = [payout('a', { amount: 4n }), payout('b', { asset: USD })];
    expect(itemsOf(stellarAsk(payouts, { assets, feeWindows, fee: 7n }))).toEqual([
      { measure: XLM, item: 'a', amount: 4n, windows },
      { measure: USD, item: 'b', amount: 10n, windows: [] },
      { measure: FEE, item: 'stellar:testnet:CHANNEL:1', amount: 7n, windows: feeWindows },
    ]);
  });

  test('is no fee for an authorization, and the fee of each envelope around it', () => {
    expect(itemsOf(authorizationAsk(payout('a'))).map(({ measure }) => measure)).toEqual([XLM]);
    expect(itemsOf(invocationAsk(payout('a'), { fee: 3n })).map(({ amount }) => amount)).toEqual([10n, 3n]);
  });

  test('is the fee alone for a cancel', () => {
    expect(itemsOf(evmAsk(undefined, { gasLimit: 2n, maxFeePerGas: 5n }))).toEqual([
      { measure: 'fee', item: 'eip155:1:nonce:0', amount: 10n, windows: [] },
    ]);
  });

  test('is charged also where no window is there to hold it: one that is added later counts it', () => {
    expect(spending(bookWith(), stellarAsk([payout('a')], { fee: 2n }))).toEqual({
      charges: [
        [key('a'), { amount: 10n, at: NOW }],
        [key('stellar:testnet:CHANNEL:1', FEE), { amount: 2n, at: NOW }],
      ],
      spent: [],
    });
  });
});

describe('a window of amounts', () => {
  const ask = (amount: bigint, maxAmount = 100n) => stellarAsk([payout('a', { amount })], amountOf(maxAmount));
  const book = bookWith({ spent: [counter(STELLAR_KEY, XLM, HOUR, 60n, 3n)] });

  test('takes what fills it to the brim', () => {
    expect(spending(book, ask(40n))).toMatchObject({
      charges: [[key('a'), { amount: 40n, at: NOW }], expect.anything()],
      spent: [[window(), { amount: 100n, count: 4n }]],
    });
  });

  test('refuses one unit more', () => {
    const message = `${XLM}: expected at most 100 within 3600 s, with this it would be 101`;
    expect(refusalOf(() => spendingOf(book, ask(41n)))).toEqual({
      code: 'LIMIT_REACHED',
      message: 'a limit over time has no room for this now: AMOUNT_WINDOW_REACHED',
      reasons: [{ code: 'AMOUNT_WINDOW_REACHED', message }],
    });
  });

  test('that was never read is an error of ours', () => {
    expect(refusalOf(() => spendingOf(bookWith(), ask(1n)))).toEqual({
      code: 'INTERNAL',
      message: 'spend_counters: expected to have read the window',
      reasons: [],
    });
  });

  test('counts amounts that no number of JavaScript holds', () => {
    const much = 10n ** 77n;
    expect(spending(book, ask(much, much + 60n)).spent).toEqual([[window(), { amount: much + 60n, count: 4n }]]);
    expect(refusalOf(() => spendingOf(book, ask(much + 1n, much + 60n))).code).toBe('LIMIT_REACHED');
  });
});

describe('a window of counts', () => {
  const book = bookWith({ spent: [counter(STELLAR_KEY, XLM, HOUR, 60n, 3n)] });

  test('takes the last payout that has room', () => {
    expect(spending(book, stellarAsk([payout('a')], countOf(4n))).spent).toEqual([
      [window(), { amount: 70n, count: 4n }],
    ]);
  });

  test('refuses one more, whatever its amount', () => {
    const message = `${XLM}: expected at most 3 payouts within 3600 s, with this it would be 4`;
    expect(refusalOf(() => spendingOf(book, stellarAsk([payout('a', { amount: 1n })], countOf(3n))))).toEqual({
      code: 'LIMIT_REACHED',
      message: 'a limit over time has no room for this now: COUNT_WINDOW_REACHED',
      reasons: [{ code: 'COUNT_WINDOW_REACHED', message }],
    });
  });

  test('counts each payout of a batch', () => {
    const batch = [payout('a'), payout('b')];
    expect(spending(book, stellarAsk(batch, countOf(5n))).spent).toEqual([[window(), { amount: 80n, count: 5n }]]);
    expect(refusalOf(() => spendingOf(book, stellarAsk(batch, countOf(4n)))).code).toBe('LIMIT_REACHED');
  });
});

describe('a fee budget', () => {
  const feeWindows = [{ seconds: HOUR, maxAmount: 100n }];
  const book = bookWith({ spent: [counter(STELLAR_KEY, FEE, HOUR, 60n, 3n)] });

  test('takes what fills it, and refuses one stroop more', () => {
    expect(spending(book, stellarAsk([], { fee: 40n, feeWindows })).spent).toEqual([
      [window(HOUR, FEE), { amount: 100n, count: 4n }],
    ]);
    const message = 'fee: expected at most 100 within 3600 s, with this it would be 101';
    expect(refusalOf(() => spendingOf(book, stellarAsk([], { fee: 41n, feeWindows })))).toEqual({
      code: 'LIMIT_REACHED',
      message: 'a limit over time has no room for this now: FEE_BUDGET_REACHED',
      reasons: [{ code: 'FEE_BUDGET_REACHED', message }],
    });
  });

  const charged = (fee: bigint, amount = 40n) => ({
    ask: stellarAsk([], { fee, feeWindows }),
    book: bookWith({
      charges: [[key('stellar:testnet:CHANNEL:1', FEE), { amount, at: NOW - seconds(1) }]],
      spent: [counter(STELLAR_KEY, FEE, HOUR, 90n, 3n)],
    }),
  });

  test('of a slot that was charged takes the difference alone', () => {
    const { book, ask } = charged(50n);
    expect(spending(book, ask)).toEqual({
      charges: [[key('stellar:testnet:CHANNEL:1', FEE), { amount: 50n, at: NOW }]],
      spent: [[window(HOUR, FEE), { amount: 100n, count: 3n }]],
    });
    const more = charged(51n);
    expect(refusalOf(() => spendingOf(more.book, more.ask)).reasons[0]?.code).toBe('FEE_BUDGET_REACHED');
  });

  test('gives nothing back where the fee is lower: the first one may still be taken', () => {
    const { book, ask } = charged(30n);
    expect(spending(book, ask)).toEqual({
      charges: [[key('stellar:testnet:CHANNEL:1', FEE), { amount: 40n, at: NOW }]],
      spent: [[window(HOUR, FEE), { amount: 90n, count: 3n }]],
    });
  });
});

describe('a charge that is there already', () => {
  const again = (at: bigint, maxAmount = 100n) => ({
    ask: stellarAsk([payout('a')], amountOf(maxAmount)),
    book: bookWith({
      charges: [[key('a'), { amount: 10n, at }]],
      spent: [counter(STELLAR_KEY, XLM, HOUR, 60n, 3n)],
    }),
  });

  test('less than the window ago is counted already, and moves to now', () => {
    const { book, ask } = again(NOW - seconds(HOUR) + 1n);
    expect(spending(book, ask)).toMatchObject({
      charges: [[key('a'), { amount: 10n, at: NOW }], expect.anything()],
      spent: [[window(), { amount: 60n, count: 3n }]],
    });
  });

  test.each([
    ['exactly the window', NOW - seconds(HOUR)],
    ['a microsecond more than the window', NOW - seconds(HOUR) - 1n],
  ])('%s ago is counted anew', (_, at) => {
    const { book, ask } = again(at);
    expect(spending(book, ask)).toMatchObject({
      charges: [[key('a'), { amount: 10n, at: NOW }], expect.anything()],
      spent: [[window(), { amount: 70n, count: 4n }]],
    });
    const full = again(at, 69n);
    expect(refusalOf(() => spendingOf(full.book, full.ask)).code).toBe('LIMIT_REACHED');
  });

  test('of a window that has become too small is refused, although it adds nothing', () => {
    const { book, ask } = again(NOW - seconds(1), 59n);
    expect(refusalOf(() => spendingOf(book, ask)).code).toBe('LIMIT_REACHED');
  });

  test('is counted anew with its highest amount', () => {
    const feeWindows = [{ seconds: HOUR, maxAmount: 1_000n }];
    const book = bookWith({
      charges: [[key('stellar:testnet:CHANNEL:1', FEE), { amount: 40n, at: NOW - seconds(HOUR) }]],
      spent: [counter(STELLAR_KEY, FEE, HOUR, 90n, 3n)],
    });
    expect(spending(book, stellarAsk([], { fee: 30n, feeWindows })).spent).toEqual([
      [window(HOUR, FEE), { amount: 130n, count: 4n }],
    ]);
    expect(spending(book, stellarAsk([], { fee: 50n, feeWindows })).spent).toEqual([
      [window(HOUR, FEE), { amount: 140n, count: 4n }],
    ]);
  });
});

describe('two windows of one measure', () => {
  const windows = [
    { seconds: 60, maxAmount: 20n },
    { seconds: HOUR, maxAmount: 100n, maxCount: 5n },
  ];
  const book = (short: bigint, long: bigint, count = 3n) =>
    bookWith({
      charges: [[key('old'), { amount: 10n, at: NOW - seconds(61) }]],
      spent: [counter(STELLAR_KEY, XLM, 60, short, 1n), counter(STELLAR_KEY, XLM, HOUR, long, count)],
    });

  test('each count on their own', () => {
    expect(spending(book(5n, 60n), stellarAsk([payout('a')], { windows })).spent).toEqual([
      [window(60), { amount: 15n, count: 2n }],
      [window(HOUR), { amount: 70n, count: 4n }],
    ]);
  });

  test('a charge may have left the short one and not the long one', () => {
    expect(spending(book(5n, 60n), stellarAsk([payout('old')], { windows })).spent).toEqual([
      [window(60), { amount: 15n, count: 2n }],
      [window(HOUR), { amount: 60n, count: 3n }],
    ]);
  });

  test('every one without room is named, and each code once in the message', () => {
    const { message, reasons } = refusalOf(() =>
      spendingOf(book(11n, 91n), stellarAsk([payout('a'), payout('b')], { windows, fee: 1n })),
    );
    expect(reasons.map(({ code }) => code)).toEqual(new Array(4).fill('AMOUNT_WINDOW_REACHED'));
    expect(message).toBe('a limit over time has no room for this now: AMOUNT_WINDOW_REACHED');
  });

  test('different reasons stand side by side', () => {
    const feeWindows = [{ seconds: HOUR, maxAmount: 0n }];
    const full = bookWith({
      spent: [
        counter(STELLAR_KEY, XLM, 60, 20n, 1n),
        counter(STELLAR_KEY, XLM, HOUR, 50n, 5n),
        counter(STELLAR_KEY, FEE, HOUR),
      ],
    });
    const { message } = refusalOf(() => spendingOf(full, stellarAsk([payout('a')], { windows, feeWindows, fee: 1n })));
    expect(message).toBe(
      'a limit over time has no room for this now: AMOUNT_WINDOW_REACHED, COUNT_WINDOW_REACHED, FEE_BUDGET_REACHED',
    );
  });
});

test('assets and keys have windows of their own', () => {
  const assets = new Map([
    [XLM, [{ seconds: HOUR, maxCount: 1n }]],
    [USD, [{ seconds: HOUR, maxCount: 1n }]],
  ]);
  const book = bookWith({ spent: [counter(STELLAR_KEY, XLM, HOUR), counter(STELLAR_KEY, USD, HOUR)] });
  expect(spending(book, stellarAsk([payout('a'), payout('b', { asset: USD })], { assets })).spent).toEqual([
    [window(), { amount: 10n, count: 1n }],
    [window(HOUR, USD), { amount: 10n, count: 1n }],
  ]);
  const other = bookWith({ spent: [counter('other', XLM, HOUR)] });
  expect(spending(other, stellarAsk([payout('a')], { ...amountOf(10n), keyId: 'other' })).spent).toEqual([
    [rowKey('other', XLM, HOUR), { amount: 10n, count: 1n }],
  ]);
});
