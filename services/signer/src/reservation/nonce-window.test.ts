import { describe, expect, test } from '@jest/globals';
import { CHAIN, evmAsk, payout, stellarAsk } from '../../testing/asks.ts';
import { bookWith } from '../../testing/books.ts';
import { refusalOf, refused } from '../../testing/refusals.ts';
import { rowKey } from './book.ts';
import { noncesOf } from './nonce-window.ts';

const ACCOUNT = rowKey(CHAIN, '0xtreasury');
const account = (next: bigint, lowestOpen: bigint) => bookWith({ nonces: [[ACCOUNT, { next, lowestOpen }]] });
const ask = (nonce: bigint, lowestOpen: bigint, maxNoncesAhead = 4n) =>
  evmAsk(payout('a'), { nonce, lowestOpen, maxNoncesAhead });

describe('an account that was never signed for', () => {
  test('begins where the caller says', () => {
    expect([...noncesOf(bookWith(), ask(7n, 7n))]).toEqual([[ACCOUNT, { next: 8n, lowestOpen: 7n }]]);
  });

  test('takes nothing beyond that', () => {
    expect(refusalOf(() => noncesOf(bookWith(), ask(8n, 7n)))).toEqual(
      refused('NONCE_OUT_OF_WINDOW', 'NONCE_GAP', 'nonce: expected at most 7, the next to be signed, got 8'),
    );
  });

  test('may cancel what it sent before it was ours', () => {
    expect([...noncesOf(bookWith(), ask(3n, 7n))]).toEqual([[ACCOUNT, { next: 7n, lowestOpen: 7n }]]);
  });
});

describe('an account that was signed for', () => {
  test('goes on with the next nonce', () => {
    expect([...noncesOf(account(9n, 7n), ask(9n, 7n))]).toEqual([[ACCOUNT, { next: 10n, lowestOpen: 7n }]]);
  });

  test('signs an earlier nonce again, and the next one stays', () => {
    expect([...noncesOf(account(9n, 7n), ask(8n, 7n))]).toEqual([[ACCOUNT, { next: 9n, lowestOpen: 7n }]]);
  });

  test('leaves no gap', () => {
    expect(refusalOf(() => noncesOf(account(9n, 7n), ask(10n, 9n))).reasons).toEqual([
      { code: 'NONCE_GAP', message: 'nonce: expected at most 9, the next to be signed, got 10' },
    ]);
  });

  test('goes as far ahead of the lowest open one as policy says, and no further', () => {
    expect([...noncesOf(account(10n, 7n), ask(10n, 7n)).values()]).toEqual([{ next: 11n, lowestOpen: 7n }]);
    expect(refusalOf(() => noncesOf(account(11n, 7n), ask(11n, 7n)))).toEqual(
      refused('NONCE_OUT_OF_WINDOW', 'NONCE_TOO_FAR_AHEAD', 'nonce: expected below 11, got 11'),
    );
  });

  test('moves on with a report of this very request', () => {
    expect([...noncesOf(account(11n, 7n), ask(11n, 8n)).values()]).toEqual([{ next: 12n, lowestOpen: 8n }]);
  });

  test('never goes back behind a report', () => {
    expect([...noncesOf(account(11n, 8n), ask(11n, 2n)).values()]).toEqual([{ next: 12n, lowestOpen: 8n }]);
  });

  test('believes no report of what was never signed', () => {
    expect([...noncesOf(account(11n, 8n), ask(11n, 99n)).values()]).toEqual([{ next: 12n, lowestOpen: 11n }]);
  });
});

test('the case of the address is no other account', () => {
  const other = evmAsk(payout('a'), { address: '0xTREASURY', nonce: 9n });
  expect([...noncesOf(account(9n, 7n), other).keys()]).toEqual([ACCOUNT]);
});

test('another address is another account', () => {
  const other = evmAsk(payout('a'), { address: '0xother', nonce: 9n, lowestOpen: 9n });
  expect([...noncesOf(account(2n, 2n), other)]).toEqual([[rowKey(CHAIN, '0xother'), { next: 10n, lowestOpen: 9n }]]);
});

test('a cancel keeps the row of nonces as a payout does', () => {
  expect([...noncesOf(account(9n, 7n), evmAsk(undefined, { nonce: 9n })).values()]).toEqual([
    { next: 10n, lowestOpen: 7n },
  ]);
  expect(refusalOf(() => noncesOf(account(9n, 7n), evmAsk(undefined, { nonce: 10n }))).code).toBe(
    'NONCE_OUT_OF_WINDOW',
  );
});

test('Stellar has no nonces of this kind', () => {
  expect([...noncesOf(bookWith(), stellarAsk([payout('a')]))]).toEqual([]);
});
