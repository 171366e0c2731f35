import { describe, expect, test } from '@jest/globals';
import { authorizationAsk, evmAsk, invocationAsk, payout, stellarAsk, XLM } from '../../testing/asks.ts';
import { bookWith, changesIn, NOW } from '../../testing/books.ts';
import { bind, bindRequest, type Changes } from './bind.ts';
import { type Book, rowKey } from './book.ts';

const NOTHING: Changes = { envelopes: new Map(), nonces: new Map(), charges: new Map(), spent: new Map() };
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('a request', () => {
  const ask = stellarAsk([payout('a')], { requestId: 'r', caller: 'spiffe://countersign.test/api' });

  test('stands for its content from now on', () => {
    const book = bookWith();
    bindRequest(book, ask);
    expect(changesIn(book)).toEqual({
      requests: [[rowKey('spiffe://countersign.test/api', 'r'), hex(ask.fingerprint)]],
    });
  });

  test('that is there is not written a second time', () => {
    const book = bookWith({ requests: [[rowKey('spiffe://countersign.test/api', 'r'), 'as it was']] });
    bindRequest(book, ask);
    expect(changesIn(book)).toEqual({});
  });
});

test('a classic transaction binds itself and each of its payouts, and its lane to nobody', () => {
  const book = bookWith();
  const ask = stellarAsk([payout('b', { memo: { type: 'id', value: 7n } }), payout('a', { amount: 11n })]);
  bind(book, ask, NOTHING);
  const terms = { lane: 'stellar:testnet:CHANNEL:0', keyId: 'treasury-stellar', destination: 'RECIPIENT', asset: XLM };
  expect(changesIn(book)).toEqual({
    transactions: [
      [
        rowKey('treasury-stellar', hex(ask.signingHash)),
        {
          lane: 'stellar:testnet:CHANNEL:0',
          purpose: 'payout',
          payoutIds: ['a', 'b'],
          publicKey: '01'.repeat(32),
          recorded: undefined,
        },
      ],
    ],
    payouts: [
      ['a', { ...terms, amount: '11', memo: null }],
      ['b', { ...terms, amount: '10', memo: 'id:7' }],
    ],
  });
});

test('an EVM payout has its nonce for itself', () => {
  const book = bookWith();
  bind(book, evmAsk(payout('a'), { nonce: 3n }), NOTHING);
  expect(book.soleLanes.changed()).toEqual([['eip155:1:0xtreasury:3', { payoutId: 'a', authorizationHash: null }]]);
});

test('a cancel binds its transaction alone', () => {
  const book = bookWith();
  const cancel = evmAsk(undefined, { nonce: 3n });
  bind(book, cancel, NOTHING);
  expect(changesIn(book)).toEqual({
    transactions: [[rowKey('treasury-evm', hex(cancel.signingHash)), expect.objectContaining({ purpose: 'cancel' })]],
  });
});

test.each([
  ['an authorization', authorizationAsk(payout('a'))],
  ['an envelope around it', invocationAsk(payout('a'))],
])('%s has the nonce for itself, with the hash of the entry', (_, ask) => {
  const book = bookWith();
  bind(book, ask, NOTHING);
  const authorizationHash = hex(authorizationAsk(payout('a')).signingHash);
  expect(book.soleLanes.changed()).toEqual([
    ['stellar:testnet:TREASURY:authorization:5', { payoutId: 'a', authorizationHash }],
  ]);
});

test('what is there already is not written a second time', () => {
  const book = bookWith();
  const ask = evmAsk(payout('a'));
  bind(book, ask, NOTHING);
  const rows: Partial<Book> = book;
  const read = bookWith({
    transactions: rows.transactions?.changed() ?? [],
    soleLanes: rows.soleLanes?.changed() ?? [],
    payouts: rows.payouts?.changed() ?? [],
  });
  bind(read, ask, NOTHING);
  expect(changesIn(read)).toEqual({});
});

test('what changes beside the bindings is put in as it is', () => {
  const book = bookWith();
  bind(book, evmAsk(undefined), {
    envelopes: new Map([['lane', 4n]]),
    nonces: new Map([['account', { next: 2n, lowestOpen: 1n }]]),
    charges: new Map([['item', { amount: 5n, at: NOW }]]),
    spent: new Map([['counter', { amount: 6n, count: 1n }]]),
  });
  expect(changesIn(book)).toMatchObject({
    envelopes: [['lane', 4n]],
    nonces: [['account', { next: 2n, lowestOpen: 1n }]],
    charges: [['item', { amount: 5n, at: NOW }]],
    spent: [['counter', { amount: 6n, count: 1n }]],
  });
});
