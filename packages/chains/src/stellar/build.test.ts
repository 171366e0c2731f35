import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { refusedWith } from '../../testing/refused.ts';
import {
  account,
  anyPayout,
  jsonOf,
  muxed,
  payoutOf,
  rustDecode,
  STANDALONE,
  transactionOf,
  XLM,
} from '../../testing/stellar.ts';
import { issuedAsset, nativeAsset, sep41Asset, stellarChainId } from '../caip.ts';
import type { TransactionErrorCode } from '../error.ts';
import { buildStellarPayout, type StellarPayout } from './build.ts';
import { LANE_WIDTH } from './lane.ts';

describe('a payout transaction', () => {
  test('reads in the Rust XDR library as exactly what was asked for', () => {
    fc.assert(
      fc.property(anyPayout, (input) => {
        const { envelope, hash, lane } = buildStellarPayout(input);
        expect(rustDecode(envelope)).toEqual(jsonOf(transactionOf(input, hash, lane)));
      }),
    );
  });

  test('has the hash of SHA-256 over network id, envelope type and transaction (node:crypto)', () => {
    fc.assert(
      fc.property(anyPayout, (input) => {
        const { envelope, hash } = buildStellarPayout(input);
        const body = envelope.subarray(4, envelope.length - 4);
        const networkId = createHash('sha256').update(input.networkPassphrase).digest();
        const tagged = Buffer.concat([networkId, Buffer.from([0, 0, 0, 2]), body]);
        expect(Buffer.from(hash).toString('hex')).toBe(createHash('sha256').update(tagged).digest('hex'));
      }),
    );
  });

  test('names the lane that its sequence number lies in', () => {
    fc.assert(
      fc.property(anyPayout, (input) => {
        const { lane } = buildStellarPayout(input);
        expect(lane.start < input.sequence && input.sequence <= lane.end).toBe(true);
        expect([lane.start % LANE_WIDTH, lane.end - lane.start]).toEqual([0n, LANE_WIDTH]);
      }),
    );
  });

  test('carries up to 99 payments to plain and muxed accounts', () => {
    const payments = Array.from({ length: 99 }, (_, index) => ({
      destination: index % 2 === 0 ? account(7) : muxed(7, BigInt(index)),
      asset: XLM,
      amount: 1n,
      createAccount: false,
    }));
    const { envelope } = buildStellarPayout(payoutOf({ payments }));
    expect(rustDecode(envelope)).toHaveProperty('tx.tx.operations.length', 100);
  });
});

const payment = { destination: account(3), asset: XLM, amount: 1n, createAccount: false };
const USD = issuedAsset(stellarChainId(STANDALONE), 'USD', account(8));
const CONTRACT = 'CAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAD2KM';
const wrongly = (value: unknown) => value as never;

const REFUSED: [string, Partial<StellarPayout>, TransactionErrorCode, string][] = [
  ['an empty passphrase', { networkPassphrase: '' }, 'INVALID_NETWORK_PASSPHRASE', 'networkPassphrase'],
  ['half a surrogate pair', { networkPassphrase: '\ud800' }, 'INVALID_NETWORK_PASSPHRASE', 'networkPassphrase'],
  ['a muxed channel', { channel: muxed(1, 1n) }, 'INVALID_ADDRESS', 'channel'],
  ['a channel with a typing error', { channel: `${account(1).slice(0, -1)}A` }, 'INVALID_ADDRESS', 'channel'],
  ['a treasury in lower case', { treasury: account(1).toLowerCase() }, 'INVALID_ADDRESS', 'treasury'],
  ['sequence 0', { sequence: 0n }, 'INVALID_SEQUENCE', 'sequence'],
  ['a negative sequence', { sequence: -1n }, 'INVALID_SEQUENCE', 'sequence'],
  ['a sequence after the last lane', { sequence: 2n ** 63n - 1023n }, 'INVALID_SEQUENCE', 'sequence'],
  ['a number for a sequence', { sequence: wrongly(7) }, 'INVALID_SEQUENCE', 'sequence'],
  ['fee 0', { fee: 0n }, 'INVALID_FEE', 'fee'],
  ['a fee of 2^32', { fee: 2n ** 32n }, 'INVALID_FEE', 'fee'],
  ['no end of time', { maxTime: 0n }, 'INVALID_TIME_BOUNDS', 'maxTime'],
  ['an end beyond uint64', { maxTime: 2n ** 64n }, 'INVALID_TIME_BOUNDS', 'maxTime'],
  ['no payments', { payments: [] }, 'OPERATION_COUNT', 'payments'],
  ['100 payments', { payments: new Array(100).fill(payment) }, 'OPERATION_COUNT', 'payments'],
  ['amount 0', { payments: [payment, { ...payment, amount: 0n }] }, 'INVALID_AMOUNT', 'payments[1].amount'],
  ['a negative amount', { payments: [{ ...payment, amount: -1n }] }, 'INVALID_AMOUNT', 'payments[0].amount'],
  ['an amount of 2^63', { payments: [{ ...payment, amount: 2n ** 63n }] }, 'INVALID_AMOUNT', 'payments[0].amount'],
  [
    'a contract as destination',
    { payments: [{ ...payment, destination: CONTRACT }] },
    'INVALID_ADDRESS',
    'payments[0].destination',
  ],
  [
    'a muxed account to create',
    { payments: [{ destination: muxed(3, 1n), asset: XLM, amount: 1n, createAccount: true }] },
    'INVALID_ADDRESS',
    'payments[0].destination',
  ],
  [
    'a new account funded with an issued asset',
    { payments: [{ ...payment, asset: USD, createAccount: true }] },
    'UNSUPPORTED_ASSET',
    'payments[0].asset',
  ],
  [
    'an asset of another network',
    { payments: [payment, { ...payment, asset: nativeAsset(stellarChainId('another')) }] },
    'ASSET_OF_OTHER_CHAIN',
    'payments[1].asset',
  ],
  [
    'a token contract in a classic payment',
    { payments: [{ ...payment, asset: sep41Asset(stellarChainId(STANDALONE), CONTRACT) }] },
    'UNSUPPORTED_ASSET',
    'payments[0].asset',
  ],
  ['an asset that is none', { payments: [{ ...payment, asset: wrongly('gold') }] }, 'UNKNOWN_ASSET', 'asset'],
  ['a memo of 29 bytes', { memo: { type: 'text', value: `${'é'.repeat(14)}x` } }, 'INVALID_MEMO', 'memo.value'],
  ['a memo that is not Unicode', { memo: { type: 'text', value: '\ud800' } }, 'INVALID_MEMO', 'memo.value'],
  [
    'a memo text that is bytes',
    { memo: { type: 'text', value: wrongly(new Uint8Array(3)) } },
    'INVALID_MEMO',
    'memo.value',
  ],
  ['a negative memo id', { memo: { type: 'id', value: -1n } }, 'INVALID_MEMO', 'memo.value'],
  ['a memo id of 2^64', { memo: { type: 'id', value: 2n ** 64n } }, 'INVALID_MEMO', 'memo.value'],
  ['a memo hash of 31 bytes', { memo: { type: 'hash', value: new Uint8Array(31) } }, 'INVALID_MEMO', 'memo.value'],
  ['a memo hash in hex', { memo: { type: 'return', value: wrongly('ab'.repeat(32)) } }, 'INVALID_MEMO', 'memo.value'],
  ['a memo of an unknown type', { memo: wrongly({ type: 'note', value: 'x' }) }, 'INVALID_MEMO', 'memo.type'],
];

describe('input that is refused', () => {
  test.each(REFUSED)('%s', (_name, changes, code, field) => {
    expect(refusedWith(() => buildStellarPayout(payoutOf(changes)))).toEqual({ code, field });
  });

  test('a seed in place of an address does not appear in the message', () => {
    const seed = 'SAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQTCQKRMFYYDENBWHA5DYPSABOV';
    expect(() => buildStellarPayout(payoutOf({ channel: seed }))).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(seed) }),
    );
  });

  test('the base input is not', () => {
    expect(buildStellarPayout(payoutOf({ networkPassphrase: STANDALONE })).lane).toEqual({
      start: 4_999_168n,
      end: 5_000_192n,
    });
  });
});
