import { describe, expect, test } from '@jest/globals';
import {
  authorizationAsk,
  ETH,
  EVM_KEY,
  evmAsk,
  invocationAsk,
  payout,
  STELLAR_KEY,
  stellarAsk,
  XLM,
} from '../../testing/asks.ts';
import { bookWith, changesIn, counter, NOW, seconds } from '../../testing/books.ts';
import { refusalOf } from '../../testing/refusals.ts';
import type { Recorded } from '../signing/recorded.ts';
import type { Ask } from './ask.ts';
import type { Book } from './book.ts';
import { reserve } from './reserve.ts';

const HOUR = 3_600;
const LIMITS = { windows: [{ seconds: HOUR, maxAmount: 100n }], feeWindows: [{ seconds: HOUR, maxAmount: 100n }] };
const COUNTERS = [STELLAR_KEY, EVM_KEY, 'other'].flatMap((key) => [
  counter(key, XLM, HOUR),
  counter(key, ETH, HOUR),
  counter(key, 'fee', HOUR),
]);
const SIGNED: Recorded = {
  signature: new Uint8Array(64),
  signedTransaction: new Uint8Array(1),
  transactionHash: new Uint8Array(32),
  custodyPath: 'legacy',
};

/** A book as it is read after these were reserved: nothing in it has changed since. */
function readAfter(asks: readonly Ask[], { recorded, now = NOW }: { recorded?: Recorded; now?: bigint } = {}): Book {
  const book = bookWith({ spent: COUNTERS });
  for (const ask of asks) reserve(book, ask);
  return bookWith(
    {
      requests: book.requests.changed(),
      transactions: book.transactions.changed().map(([key, row]) => [key, { ...row, recorded }]),
      soleLanes: book.soleLanes.changed(),
      payouts: book.payouts.changed(),
      nonces: book.nonces.changed(),
      envelopes: book.envelopes.changed(),
      charges: book.charges.changed(),
      spent: [...COUNTERS, ...book.spent.changed()],
    },
    { now },
  );
}

describe('what is granted', () => {
  test('binds request, transaction and payouts, and charges amount and fee', () => {
    const book = bookWith({ spent: COUNTERS });
    expect(reserve(book, stellarAsk([payout('a'), payout('b')], { ...LIMITS, fee: 7n }))).toBeUndefined();
    const counts = Object.entries(changesIn(book)).map(([name, rows]) => [name, rows.length]);
    expect(Object.fromEntries(counts)).toEqual({ requests: 1, transactions: 1, payouts: 2, charges: 3, spent: 2 });
  });

  test('takes a nonce, and the lane for itself, on EVM', () => {
    const book = bookWith({ spent: COUNTERS });
    reserve(book, evmAsk(payout('a', { asset: ETH }), LIMITS));
    expect(changesIn(book)).toMatchObject({ nonces: [expect.anything()], soleLanes: [expect.anything()] });
  });

  test('counts an envelope once, however often it is asked for', () => {
    const ask = invocationAsk(payout('a'), LIMITS);
    const book = readAfter([authorizationAsk(payout('a'), LIMITS), ask]);
    expect(reserve(book, { ...ask })).toBeUndefined();
    expect(book.envelopes.changed()).toEqual([]);
    reserve(book, invocationAsk(payout('a'), { ...LIMITS, sequence: 2n }));
    expect(book.envelopes.changed().map(([, count]) => count)).toEqual([2n]);
  });
});

describe('a transaction that was signed before', () => {
  const ask = stellarAsk([payout('a')], { ...LIMITS, requestId: 'first', fee: 7n });
  const again = (change: object = {}) => stellarAsk([payout('a')], { ...LIMITS, fee: 7n, ...change });

  test('is answered from the record, and nothing is charged: a new request id is all that is bound', () => {
    const book = readAfter([ask], { recorded: SIGNED, now: NOW + seconds(10 * HOUR) });
    expect(reserve(book, again({ requestId: 'second' }))).toBe(SIGNED);
    expect(Object.keys(changesIn(book))).toEqual(['requests']);
  });

  test('is answered under its own request id, and nothing changes', () => {
    const book = readAfter([ask], { recorded: SIGNED });
    expect(reserve(book, again({ requestId: 'first' }))).toBe(SIGNED);
    expect(changesIn(book)).toEqual({});
  });

  test('is answered also where a window has no room any more', () => {
    const book = readAfter([ask], { recorded: SIGNED });
    expect(reserve(book, again({ windows: [{ seconds: HOUR, maxAmount: 0n }] }))).toBe(SIGNED);
  });

  test.each([
    ['POLICY_SUPERSEDED', { policyVersion: 2n }],
    ['REQUEST_ID_REUSED', { requestId: 'first', salt: 'other bytes' }],
    ['PAYOUT_BOUND', { publicKey: 2 }],
  ])('is not answered past %s', (code, change) => {
    expect(refusalOf(() => reserve(readAfter([ask], { recorded: SIGNED }), again(change))).code).toBe(code);
  });

  test('is not answered for a frozen key', () => {
    const book = { ...readAfter([ask], { recorded: SIGNED }), frozen: new Map([[STELLAR_KEY, 'lost']]) };
    expect(refusalOf(() => reserve(book, again())).code).toBe('KEY_FROZEN');
    expect(changesIn(book)).toEqual({});
  });
});

describe('a transaction that was reserved and has no signature', () => {
  const ask = stellarAsk([payout('a', { amount: 60n })], { ...LIMITS, fee: 60n });

  test('is charged no second time while it is counted, and its date moves', () => {
    const now = NOW + seconds(HOUR) - 1n;
    const book = readAfter([ask], { now });
    expect(reserve(book, { ...ask })).toBeUndefined();
    expect(book.charges.changed().map(([, { at }]) => at)).toEqual([now, now]);
    expect(book.spent.changed().map(([, { amount, count }]) => [amount, count])).toEqual([
      [60n, 1n],
      [60n, 1n],
    ]);
    expect(Object.keys(changesIn(book))).toEqual(['charges', 'spent']);
  });

  test('is charged anew once it is not counted any more', () => {
    const book = readAfter([ask], { now: NOW + seconds(HOUR) });
    // The sums were swept when they were read: others have filled them up.
    book.spent.set(...counter(STELLAR_KEY, XLM, HOUR, 41n, 1n));
    expect(refusalOf(() => reserve(book, { ...ask })).reasons.map(({ code }) => code)).toEqual([
      'AMOUNT_WINDOW_REACHED',
      'FEE_BUDGET_REACHED',
    ]);
  });
});

describe('requests of one group', () => {
  test('are decided one after the other: the second finds what the first has bound and spent', () => {
    const book = bookWith({ spent: COUNTERS });
    reserve(book, stellarAsk([payout('a', { amount: 60n })], LIMITS));
    expect(refusalOf(() => reserve(book, stellarAsk([payout('b', { amount: 41n })], LIMITS))).code).toBe(
      'LIMIT_REACHED',
    );
    expect(
      refusalOf(() => reserve(book, stellarAsk([payout('a', { amount: 60n })], { ...LIMITS, sequence: 2_000n }))).code,
    ).toBe('PAYOUT_BOUND');
    reserve(book, stellarAsk([payout('b', { amount: 40n })], LIMITS));
    expect(book.spent.changed().map(([, { amount }]) => amount)).toEqual([0n, 100n]); // fee, lumens
  });

  test('charge one payout once, where two of them are about it', () => {
    const book = bookWith({ spent: COUNTERS });
    reserve(book, stellarAsk([payout('a', { amount: 60n })], { ...LIMITS, fee: 50n }));
    reserve(book, stellarAsk([payout('a', { amount: 60n })], { ...LIMITS, fee: 100n }));
    expect(book.spent.changed().map(([, spent]) => spent)).toEqual([
      { amount: 100n, count: 1n }, // fee
      { amount: 60n, count: 1n },
    ]);
  });
});

describe('a refusal changes nothing', () => {
  const bound = [
    evmAsk(payout('a', { asset: ETH }), { ...LIMITS, requestId: 'r' }),
    authorizationAsk(payout('s'), LIMITS),
    stellarAsk([payout('c')], LIMITS),
  ];
  const cases: [code: string, ask: Ask][] = [
    ['POLICY_SUPERSEDED', evmAsk(payout('b', { asset: ETH }), { policyVersion: 2n })],
    ['REQUEST_ID_REUSED', evmAsk(payout('b', { asset: ETH }), { requestId: 'r', nonce: 1n })],
    ['PAYOUT_BOUND OTHER_LANE', evmAsk(payout('a', { asset: ETH }), { nonce: 1n })],
    ['PAYOUT_BOUND OTHER_TERMS', evmAsk(payout('a', { asset: ETH, amount: 11n }))],
    ['PAYOUT_BOUND OTHER_AUTHORIZATION', authorizationAsk(payout('s'), { salt: 'x' })],
    ['PAYOUT_BOUND OTHER_TERMS', stellarAsk([payout('new'), payout('c', { amount: 9n })], LIMITS)],
    ['LANE_TAKEN', evmAsk(payout('b', { asset: ETH, amount: 11n }))],
    ['PAYOUT_BOUND TRANSACTION_DECLARED_OTHERWISE', evmAsk(payout('b', { asset: ETH }))],
    ['NONCE_OUT_OF_WINDOW NONCE_GAP', evmAsk(payout('b', { asset: ETH }), { nonce: 2n })],
    ['NONCE_OUT_OF_WINDOW NONCE_TOO_FAR_AHEAD', evmAsk(payout('b', { asset: ETH }), { nonce: 1n, maxNoncesAhead: 1n })],
    ['LIMIT_REACHED AMOUNT_WINDOW_REACHED', stellarAsk([payout('d'), payout('e', { amount: 100n })], LIMITS)],
    ['LIMIT_REACHED FEE_BUDGET_REACHED', stellarAsk([payout('d')], { ...LIMITS, fee: 101n })],
    ['LIMIT_REACHED FEE_BUDGET_REACHED', evmAsk(undefined, { ...LIMITS, gasLimit: 101n, maxFeePerGas: 1n })],
  ];
  test.each(cases)('%s', (code, ask) => {
    const book = readAfter(bound);
    const { code: got, reasons } = refusalOf(() => reserve(book, ask));
    const [reason] = reasons;
    expect(reason === undefined || reason.code === got ? got : `${got} ${reason.code}`).toBe(code);
    expect(changesIn(book)).toEqual({});
  });

  test('KEY_FROZEN', () => {
    const book = bookWith({ spent: COUNTERS }, { frozen: new Map([[STELLAR_KEY, 'lost']]) });
    expect(refusalOf(() => reserve(book, stellarAsk([payout('a')]))).code).toBe('KEY_FROZEN');
    expect(changesIn(book)).toEqual({});
  });

  test('LANE_EXHAUSTED', () => {
    const ask = invocationAsk(payout('a'), LIMITS);
    const book = bookWith({ spent: COUNTERS, envelopes: [[ask.lane.id, 32n]] });
    expect(refusalOf(() => reserve(book, ask)).code).toBe('LANE_EXHAUSTED');
    expect(changesIn(book)).toEqual({});
  });
});

test('the first thing that is wrong is what is said', () => {
  const first = evmAsk(payout('a', { asset: ETH }), { requestId: 'r' });
  const wrong = { nonce: 9n, requestId: 'r', policyVersion: 2n, ...LIMITS } as const;
  const other = (change: object) => evmAsk(payout('a', { asset: ETH, amount: 999n }), { ...wrong, ...change });
  const book = { ...readAfter([first]), frozen: new Map([[EVM_KEY, 'lost']]) };
  const thawed = readAfter([first]);
  const codes = [
    refusalOf(() => reserve(book, other({}))),
    refusalOf(() => reserve(book, other({ policyVersion: 1n }))),
    refusalOf(() => reserve(thawed, other({ policyVersion: 1n }))),
    refusalOf(() => reserve(thawed, other({ policyVersion: 1n, requestId: 'new' }))),
    refusalOf(() => reserve(thawed, evmAsk(payout('b', { asset: ETH, amount: 999n }), { nonce: 9n, ...LIMITS }))),
    refusalOf(() => reserve(thawed, evmAsk(payout('b', { asset: ETH, amount: 999n }), { nonce: 1n, ...LIMITS }))),
  ].map(({ code }) => code);
  expect(codes).toEqual([
    'POLICY_SUPERSEDED',
    'KEY_FROZEN',
    'REQUEST_ID_REUSED',
    'PAYOUT_BOUND',
    'NONCE_OUT_OF_WINDOW',
    'LIMIT_REACHED',
  ]);
});
