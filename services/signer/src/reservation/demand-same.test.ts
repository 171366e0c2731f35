import { nativeAsset } from '@countersign/chains/caip';
import { describe, expect, test } from '@jest/globals';
import { authorizationAsk, CHAIN, evmAsk, invocationAsk, payout, stellarAsk, XLM } from '../../testing/asks.ts';
import { bookWith } from '../../testing/books.ts';
import { refusalOf, refused } from '../../testing/refusals.ts';
import type { Ask } from './ask.ts';
import { bind, bindRequest } from './bind.ts';
import { type BoundPayout, type ReservedTransaction, rowKey } from './book.ts';
import { demandOwnLane, demandSameDeclaration, demandSameRequest, demandSameTerms } from './demand-same.ts';

const NOTHING = { envelopes: new Map(), nonces: new Map(), charges: new Map(), spent: new Map() };

/** A book in which these are reserved. */
function after(...asks: readonly Ask[]) {
  const book = bookWith();
  for (const ask of asks) {
    bind(book, ask, NOTHING);
    bindRequest(book, ask);
  }
  return book;
}

describe('a request id', () => {
  const ask = stellarAsk([payout('a')], { requestId: 'r' });

  test('may be new, or say the same again', () => {
    expect(() => demandSameRequest(bookWith(), ask)).not.toThrow();
    expect(() => demandSameRequest(after(ask), stellarAsk([payout('a')], { requestId: 'r' }))).not.toThrow();
  });

  test.each([
    ['other payouts', stellarAsk([payout('b')], { requestId: 'r' })],
    ['another amount', stellarAsk([payout('a', { amount: 11n })], { requestId: 'r' })],
    ['a memo', stellarAsk([payout('a', { memo: { type: 'id', value: 1n } })], { requestId: 'r' })],
    ['other bytes', stellarAsk([payout('a')], { requestId: 'r', salt: 'x' })],
    ['another key', stellarAsk([payout('a')], { requestId: 'r', keyId: 'other' })],
    ['another purpose', evmAsk(undefined, { requestId: 'r' })],
  ])('never stands for %s too', (_, other) => {
    expect(refusalOf(() => demandSameRequest(after(ask), other))).toEqual({
      code: 'REQUEST_ID_REUSED',
      message: 'request_id: r stands for another request',
      reasons: [],
    });
  });

  test('of another caller is another one', () => {
    const other = stellarAsk([payout('b')], { requestId: 'r', caller: 'spiffe://countersign.test/other' });
    expect(() => demandSameRequest(after(ask), other)).not.toThrow();
  });
});

describe('a transaction', () => {
  const payouts = [payout('b'), payout('a')];
  const ask = stellarAsk(payouts);

  test('that was never reserved is not there', () => {
    expect(demandSameDeclaration(after(ask), stellarAsk(payouts, { salt: 'x' }))).toBeUndefined();
    expect(demandSameDeclaration(after(ask), stellarAsk(payouts, { keyId: 'other' }))).toBeUndefined();
  });

  test('is found as it was reserved, whichever way round its payouts are declared', () => {
    const { proposal } = ask;
    const turned: Ask = { ...ask, proposal: { ...proposal, payouts: [...payouts].reverse() } };
    const expected: ReservedTransaction = {
      lane: ask.lane.id,
      purpose: 'payout',
      payoutIds: ['a', 'b'],
      publicKey: '01'.repeat(32),
      recorded: undefined,
    };
    expect(demandSameDeclaration(after(ask), turned)).toEqual(expected);
  });

  test.each<[what: string, declared: Ask['proposal']['payouts']]>([
    ['fewer payouts', [payout('a')]],
    ['more payouts', [...payouts, payout('c')]],
    ['another payout', [payout('a'), payout('c')]],
    ['no payouts', []],
  ])('is not declared a second time with %s', (_, declared) => {
    const other: Ask = { ...ask, proposal: { ...ask.proposal, payouts: declared } };
    const message = 'payouts: this transaction was reserved for other payouts';
    expect(refusalOf(() => demandSameDeclaration(after(ask), other))).toEqual(
      refused('PAYOUT_BOUND', 'TRANSACTION_DECLARED_OTHERWISE', message),
    );
  });

  test('is not declared a second time for another purpose', () => {
    const payoutOfNothing: Ask = { ...ask, proposal: { ...ask.proposal, payouts: [] } };
    const cancel: Ask = { ...payoutOfNothing, proposal: { ...payoutOfNothing.proposal, purpose: 'cancel' } };
    expect(refusalOf(() => demandSameDeclaration(after(payoutOfNothing), cancel)).reasons).toEqual([
      expect.objectContaining({ code: 'TRANSACTION_DECLARED_OTHERWISE' }),
    ]);
  });

  test('that was reserved for another public key is not signed by this one', () => {
    const message = 'key_id: this transaction was reserved for another public key';
    expect(refusalOf(() => demandSameDeclaration(after(ask), stellarAsk(payouts, { publicKey: 2 })))).toEqual(
      refused('PAYOUT_BOUND', 'OTHER_KEY', message),
    );
  });
});

describe('a lane of one payout', () => {
  const evm = evmAsk(payout('a'), { nonce: 3n });
  const entry = authorizationAsk(payout('a'));

  test('is free, or carries this payout', () => {
    expect(() => demandOwnLane(bookWith(), evm)).not.toThrow();
    expect(() => demandOwnLane(after(evm), evmAsk(payout('a'), { nonce: 3n, maxFeePerGas: 9n }))).not.toThrow();
    expect(() => demandOwnLane(after(evm), evmAsk(payout('b'), { nonce: 4n }))).not.toThrow();
  });

  test('carries no other payout', () => {
    expect(refusalOf(() => demandOwnLane(after(evm), evmAsk(payout('b'), { nonce: 3n })))).toEqual(
      refused('LANE_TAKEN', 'LANE_TAKEN', 'lane: eip155:1:0xtreasury:3 already carries another payout'),
    );
  });

  test('may be cancelled, whoever it carries; a cancel takes no lane', () => {
    const cancel = evmAsk(undefined, { nonce: 3n });
    expect(() => demandOwnLane(after(evm), cancel)).not.toThrow();
    expect(() => demandOwnLane(after(cancel), evm)).not.toThrow();
  });

  test('has one authorization for good, and any envelopes around it', () => {
    expect(() => demandOwnLane(after(entry), authorizationAsk(payout('a')))).not.toThrow();
    expect(() => demandOwnLane(after(entry), invocationAsk(payout('a'), { sequence: 7n }))).not.toThrow();
    const message = 'payout a: another authorization was reserved for it, for good';
    for (const other of [
      authorizationAsk(payout('a'), { salt: 'x' }),
      invocationAsk(payout('a'), { entrySalt: 'x' }),
      authorizationAsk(payout('a', { amount: 11n })),
    ]) {
      expect(refusalOf(() => demandOwnLane(after(entry), other))).toEqual(
        refused('PAYOUT_BOUND', 'OTHER_AUTHORIZATION', message),
      );
    }
  });

  test('is said to be taken before its authorization is compared', () => {
    expect(refusalOf(() => demandOwnLane(after(entry), authorizationAsk(payout('b')))).code).toBe('LANE_TAKEN');
  });
});

test('a channel’s range takes any number of payouts', () => {
  const first = stellarAsk([payout('a')]);
  const book = after(first);
  book.soleLanes.set(first.lane.id, { payoutId: 'a', authorizationHash: null });
  expect(() => demandOwnLane(book, stellarAsk([payout('b')], { sequence: 2n }))).not.toThrow();
});

describe('a payout id', () => {
  const declared = payout('a', { memo: { type: 'text', value: 'order 7' } });
  const asBound: BoundPayout = {
    lane: 'stellar:testnet:CHANNEL:0',
    keyId: 'treasury-stellar',
    destination: 'RECIPIENT',
    asset: XLM,
    amount: '10',
    memo: 'text:order 7',
  };
  const book = bookWith({ payouts: [['a', asBound]] });

  test('may come again with the same terms in the same lane, beside others', () => {
    expect(() => demandSameTerms(book, stellarAsk([declared]))).not.toThrow();
    expect(() => demandSameTerms(book, stellarAsk([payout('b'), declared], { sequence: 1024n }))).not.toThrow();
  });

  test.each([
    ['stellar:testnet:CHANNEL:1024', stellarAsk([declared], { sequence: 1025n })],
    ['stellar:testnet:OTHER:0', stellarAsk([declared], { source: 'OTHER' })],
    ['stellar:testnet:TREASURY:authorization:5', authorizationAsk(declared)],
  ])('is in no second lane: %s', (lane, other) => {
    const message = `payout a: bound to lane stellar:testnet:CHANNEL:0, got ${lane}`;
    expect(refusalOf(() => demandSameTerms(book, other))).toEqual(refused('PAYOUT_BOUND', 'OTHER_LANE', message));
  });

  test.each([
    ['another amount', stellarAsk([{ ...declared, amount: 11n }])],
    ['another destination', stellarAsk([{ ...declared, destination: 'OTHER' }])],
    ['another asset', stellarAsk([{ ...declared, asset: nativeAsset(CHAIN) }])],
    ['another memo', stellarAsk([{ ...declared, memo: { type: 'text', value: 'order 8' } }])],
    ['no memo', stellarAsk([payout('a')])],
    ['another key', stellarAsk([declared], { keyId: 'other' })],
    ['a new payout before it', stellarAsk([payout('new'), { ...declared, amount: 11n }])],
  ])('has no second terms: %s', (_, other) => {
    const message = 'payout a: bound to another key, destination, asset, amount or memo';
    expect(refusalOf(() => demandSameTerms(book, other))).toEqual(refused('PAYOUT_BOUND', 'OTHER_TERMS', message));
  });

  test('that has no memo takes none', () => {
    const without = bookWith({ payouts: [['a', { ...asBound, memo: null }]] });
    expect(() => demandSameTerms(without, stellarAsk([payout('a')]))).not.toThrow();
    expect(refusalOf(() => demandSameTerms(without, stellarAsk([declared]))).reasons[0]?.code).toBe('OTHER_TERMS');
  });

  test('that nothing has bound is free', () => {
    expect(() => demandSameTerms(book, stellarAsk([payout('b')], { source: 'OTHER' }))).not.toThrow();
  });

  test('binds nothing in a cancel', () => {
    const bound = bookWith({ payouts: [['a', asBound]] });
    expect(() => demandSameTerms(bound, evmAsk(undefined))).not.toThrow();
  });
});

test('rows are looked up by key and hash together', () => {
  const ask = stellarAsk([payout('a')]);
  const hash = Buffer.from(ask.signingHash).toString('hex');
  expect([...after(ask).transactions.changed()].map(([key]) => key)).toEqual([rowKey('treasury-stellar', hash)]);
});
