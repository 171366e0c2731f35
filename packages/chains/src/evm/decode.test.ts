import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Transaction } from 'micro-eth-signer';
import { bytesToHex, keccak256 } from 'viem/utils';
import {
  anyTokenTransfer,
  anyTransfer,
  encoded,
  itemsOf,
  MAX_UINT64,
  MAX_UINT256,
  transactionOf,
  transferOf,
  viemEncode,
} from '../../testing/evm.ts';
import { mutationsOf } from '../../testing/mutations.ts';
import { valueOrRefusal } from '../../testing/refused.ts';
import { buildEvmTransfer } from './build.ts';
import { decodeEvmTransaction } from './decode.ts';

const TOKEN = '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48';

describe('decoding what was built', () => {
  test('gives back every input, and nothing else', () => {
    fc.assert(
      fc.property(fc.oneof(anyTransfer, anyTokenTransfer), (input) => {
        const { unsigned, signingHash } = buildEvmTransfer(input);
        expect(decodeEvmTransaction(unsigned)).toStrictEqual(transactionOf(input, signingHash));
      }),
    );
  });

  test('says all there is: viem writes the same bytes, and hashes them the same', () => {
    fc.assert(
      fc.property(fc.oneof(anyTransfer, anyTokenTransfer), (input) => {
        const { unsigned } = buildEvmTransfer(input);
        const answer = decodeEvmTransaction(unsigned);
        expect(viemEncode(answer)).toEqual(unsigned);
        expect(bytesToHex(answer.signingHash)).toBe(keccak256(unsigned));
      }),
    );
  });

  test('reads a view into a larger buffer, and keeps no reference to it', () => {
    const { unsigned, signingHash } = buildEvmTransfer(transferOf());
    const pool = Buffer.alloc(4096, 0xff);
    pool.set(unsigned, 100);
    const answer = decodeEvmTransaction(pool.subarray(100, 100 + unsigned.length));
    pool.fill(0);
    expect(answer).toEqual(transactionOf(transferOf(), signingHash));
  });
});

describe('the largest numbers', () => {
  test.each([
    ['chainId', { chainId: 9_223_372_036_854_775_771n }],
    ['nonce', { nonce: MAX_UINT64 - 1n }],
    ['amount', { amount: MAX_UINT256 }],
    ['amount of a token', { amount: MAX_UINT256, token: TOKEN }],
    ['gasLimit', { gasLimit: MAX_UINT64 }],
    ['maxFeePerGas', { gasLimit: 1n, maxFeePerGas: MAX_UINT256, maxPriorityFeePerGas: MAX_UINT256 }],
  ])('are read: %s', (_field, changes) => {
    const input = transferOf(changes);
    expect(decodeEvmTransaction(encoded(itemsOf(input)))).toEqual(transactionOf(input, expect.anything() as never));
  });

  test('and the least', () => {
    const least = transferOf({ nonce: 0n, amount: 0n, gasLimit: 0n, maxFeePerGas: 0n, maxPriorityFeePerGas: 0n });
    const expected = transactionOf(least, expect.anything() as never);
    expect(decodeEvmTransaction(encoded(itemsOf(least)))).toEqual(expected);
  });
});

describe('one step away from a valid transaction', () => {
  test.each([
    ['small numbers', transferOf()],
    ['a long list', transferOf({ amount: MAX_UINT256, gasLimit: 2n ** 40n, maxFeePerGas: 2n ** 200n })],
    ['a token', transferOf({ token: TOKEN })],
    ['zeros', transferOf({ nonce: 0n, amount: 0n, maxPriorityFeePerGas: 0n })],
  ])('is refused, or says all there is in it (%s)', (_name, input) => {
    let accepted = 0;
    for (const mutated of mutationsOf(encoded(itemsOf(input)))) {
      const answer = valueOrRefusal(() => decodeEvmTransaction(mutated));
      if ('value' in answer) {
        accepted += 1;
        if (Buffer.compare(viemEncode(answer.value), mutated) !== 0) {
          throw new Error(`hidden content in ${Buffer.from(mutated).toString('hex')}`);
        }
      } else if (answer.refused.code === 'MALFORMED_TRANSACTION' || answer.refused.code === 'NOT_CANONICAL') {
        expect(() => Transaction.fromBytes(mutated)).toThrow();
      }
    }
    expect(accepted).toBeGreaterThan(200);
  });

  test('random bytes after the type are refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        expect(valueOrRefusal(() => decodeEvmTransaction(Uint8Array.of(2, ...noise)))).toHaveProperty('refused');
      }),
      { numRuns: 1000 },
    );
  });
});
