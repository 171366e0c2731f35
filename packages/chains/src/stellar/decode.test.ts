import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mutationsOf } from '../../testing/mutations.ts';
import { valueOrRefusal } from '../../testing/refused.ts';
import {
  account,
  anyPayout,
  decodeClassic,
  jsonOf,
  muxed,
  payoutOf,
  rustDecode,
  rustEncode,
  STANDALONE,
  transactionOf,
  XLM,
} from '../../testing/stellar.ts';
import { issuedAsset, nativeAsset, stellarChainId } from '../caip.ts';
import { buildStellarPayout } from './build.ts';
import { decodeStellarTransaction, type StellarTransaction } from './decode.ts';

const USD = issuedAsset(stellarChainId(STANDALONE), 'USD', account(8));
const LONG = issuedAsset(stellarChainId(STANDALONE), 'LONGCODE12', account(8));

describe('decoding what was built', () => {
  test('gives back every input, and nothing else', () => {
    fc.assert(
      fc.property(anyPayout, (input) => {
        const { envelope, hash, lane } = buildStellarPayout(input);
        const expected = transactionOf(input, hash, lane);
        expect(decodeClassic(input.networkPassphrase, envelope)).toStrictEqual(expected);
      }),
      { numRuns: 100 },
    );
  });

  test('says all there is: the Rust XDR library writes the same bytes from the answer', () => {
    fc.assert(
      fc.property(anyPayout, (input) => {
        const { envelope } = buildStellarPayout(input);
        const answer = decodeClassic(input.networkPassphrase, envelope);
        expect(rustEncode(jsonOf(answer))).toEqual(envelope);
      }),
      { numRuns: 100 },
    );
  });

  test('depends on the network only in chain, asset and hash', () => {
    const { envelope } = buildStellarPayout(payoutOf());
    const here = decodeClassic(STANDALONE, envelope);
    const there = decodeClassic('Public Global Stellar Network ; September 2015', envelope);
    expect(there.chain).toBe('stellar:pubnet');
    expect(there.hash).not.toEqual(here.hash);
    expect(jsonOf(there)).toEqual(jsonOf(here));
  });

  test('reads a view into a larger buffer, and keeps no reference to it', () => {
    const { envelope, hash } = buildStellarPayout(
      payoutOf({ memo: { type: 'hash', value: new Uint8Array(32).fill(9) } }),
    );
    const pool = Buffer.alloc(4096, 0xff);
    pool.set(envelope, 100);
    const answer = decodeClassic(STANDALONE, pool.subarray(100, 100 + envelope.length));
    pool.fill(0);
    expect(answer.hash).toEqual(hash);
    expect(answer.memo).toEqual({ type: 'hash', value: new Uint8Array(32).fill(9) });
  });
});

describe('what the Rust XDR library writes', () => {
  const { envelope } = buildStellarPayout(payoutOf());
  const base = decodeClassic(STANDALONE, envelope);

  test.each<[string, Partial<StellarTransaction>]>([
    ['endless time bounds', { minTime: 0n, maxTime: 0n }],
    ['time bounds that never hold', { minTime: 2n ** 64n - 1n, maxTime: 1n }],
    ['fee 0', { fee: 0n }],
    ['an empty text memo', { memo: { type: 'text', value: '' } }],
    ['a text memo that begins with a byte order mark', { memo: { type: 'text', value: '\ufeffx' } }],
    [
      'an operation in the name of the transaction source',
      {
        operations: [{ type: 'payment', destination: account(9), asset: nativeAsset(base.chain), amount: 1n }],
      },
    ],
    [
      'a muxed destination',
      {
        operations: [
          {
            type: 'payment',
            destination: muxed(9, 2n ** 64n - 1n),
            asset: nativeAsset(base.chain),
            amount: 2n ** 63n - 1n,
          },
        ],
      },
    ],
    [
      'a bump that another account asks for',
      {
        operations: [{ type: 'bumpSequence', source: account(9), bumpTo: 2n ** 63n - 1n }],
      },
    ],
  ])('decodes: %s', (_name, changes) => {
    const expected = { ...base, ...changes };
    expect(decodeClassic(STANDALONE, rustEncode(jsonOf(expected)))).toEqual({
      ...expected,
      hash: expect.any(Uint8Array),
    });
  });
});

describe('one step away from a valid envelope', () => {
  test('is refused, or says all there is in it', () => {
    const payments = [
      { destination: muxed(3, 7n), asset: XLM, amount: 5n, createAccount: false },
      { destination: account(4), asset: XLM, amount: 6n, createAccount: true },
      { destination: account(5), asset: USD, amount: 7n, createAccount: false },
      { destination: account(6), asset: LONG, amount: 8n, createAccount: false },
    ];
    const { envelope } = buildStellarPayout(payoutOf({ payments, memo: { type: 'text', value: 'hello' } }));
    let accepted = 0;
    for (const mutated of mutationsOf(envelope)) {
      const answer = valueOrRefusal(() => decodeClassic(STANDALONE, mutated));
      if ('value' in answer) {
        accepted += 1;
        if (Buffer.compare(rustEncode(jsonOf(answer.value)), mutated) !== 0) {
          throw new Error(`hidden content in ${Buffer.from(mutated).toString('hex')}`);
        }
      } else if (answer.refused.code === 'MALFORMED_TRANSACTION' || answer.refused.code === 'NOT_CANONICAL') {
        expect(() => rustDecode(mutated)).toThrow();
      }
    }
    expect(accepted).toBeGreaterThan(500);
  });

  test('random bytes after the envelope type are refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        const bytes = Uint8Array.of(0, 0, 0, 2, ...noise);
        expect(valueOrRefusal(() => decodeStellarTransaction(STANDALONE, bytes))).toHaveProperty('refused');
      }),
      { numRuns: 1000 },
    );
  });
});
