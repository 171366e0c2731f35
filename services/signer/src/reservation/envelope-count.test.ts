import { expect, test } from '@jest/globals';
import { authorizationAsk, evmAsk, invocationAsk, payout, stellarAsk } from '../../testing/asks.ts';
import { bookWith } from '../../testing/books.ts';
import { refusalOf, refused } from '../../testing/refusals.ts';
import { envelopesOf } from './envelope-count.ts';

const LANE = 'stellar:testnet:TREASURY:authorization:5';
const ask = invocationAsk(payout('a'));

test('the first envelope around an authorization is counted', () => {
  expect([...envelopesOf(bookWith(), ask)]).toEqual([[LANE, 1n]]);
});

test('the thirty-second is the last', () => {
  expect([...envelopesOf(bookWith({ envelopes: [[LANE, 31n]] }), ask)]).toEqual([[LANE, 32n]]);
  expect(refusalOf(() => envelopesOf(bookWith({ envelopes: [[LANE, 32n]] }), ask))).toEqual(
    refused('LANE_EXHAUSTED', 'LANE_EXHAUSTED', `lane: ${LANE} has 32 envelopes, the most there may be`),
  );
});

test('envelopes around other authorizations count for nothing here', () => {
  const book = bookWith({ envelopes: [[LANE, 32n]] });
  expect([...envelopesOf(book, invocationAsk(payout('b'), { nonce: 6n })).values()]).toEqual([1n]);
});

test.each([
  ['an authorization', authorizationAsk(payout('a'))],
  ['a classic transaction', stellarAsk([payout('a')])],
  ['an EVM transaction', evmAsk(payout('a'))],
])('%s is no envelope around one', (_, other) => {
  const book = bookWith({ envelopes: [[other.lane.id, 32n]] });
  expect([...envelopesOf(book, other)]).toEqual([]);
});
