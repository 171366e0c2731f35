import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Transaction } from 'micro-eth-signer';
import { erc20Abi, zeroAddress } from 'viem';
import { bytesToHex, decodeFunctionData, parseTransaction } from 'viem/utils';
import {
  anyTokenTransfer,
  anyTransfer,
  encoded,
  itemsOf,
  MAX_UINT64,
  MAX_UINT256,
  transferOf,
} from '../../testing/evm.ts';
import { refusedWith } from '../../testing/refused.ts';
import type { TransactionErrorCode } from '../error.ts';
import { buildEvmTransfer, type EvmTransfer } from './build.ts';

describe('a transfer', () => {
  test('has the bytes of micro-eth-signer, another implementation', () => {
    fc.assert(
      fc.property(anyTransfer, (input) => {
        const { amount: value, ...rest } = input;
        const theirs = Transaction.prepare({ type: 'eip1559', ...rest, value, data: '0x', accessList: [] }, false);
        expect(bytesToHex(buildEvmTransfer(input).unsigned)).toBe(theirs.toHex());
      }),
    );
  });

  test('reads in viem as exactly what was asked for', () => {
    fc.assert(
      fc.property(anyTransfer, (input) => {
        const { unsigned } = buildEvmTransfer(input);
        const {
          chainId,
          nonce = 0,
          gas,
          to,
          value = 0n,
          maxFeePerGas,
          maxPriorityFeePerGas = 0n,
          ...rest
        } = parseTransaction(`0x02${bytesToHex(unsigned).slice(4)}`);
        expect(rest).toEqual({ type: 'eip1559' });
        expect({ chainId, nonce, gas, to: to?.toLowerCase(), value, maxFeePerGas, maxPriorityFeePerGas }).toEqual({
          chainId: Number(input.chainId),
          nonce: Number(input.nonce),
          gas: input.gasLimit,
          to: input.to.toLowerCase(),
          value: input.amount,
          maxFeePerGas: input.maxFeePerGas,
          maxPriorityFeePerGas: input.maxPriorityFeePerGas,
        });
      }),
    );
  });

  test('of a token is a call that viem reads as exactly what was asked for', () => {
    fc.assert(
      fc.property(anyTokenTransfer, (input) => {
        const { unsigned } = buildEvmTransfer(input);
        const { to, value = 0n, data = '0x' } = parseTransaction(`0x02${bytesToHex(unsigned).slice(4)}`);
        expect({ to, value }).toEqual({ to: input.token.toLowerCase(), value: 0n });
        expect(decodeFunctionData({ abi: erc20Abi, data })).toEqual({
          functionName: 'transfer',
          args: [input.to, input.amount],
        });
      }),
    );
  });

  test('may carry nothing, tip nothing, and write its recipient in lower case', () => {
    const input = transferOf({ nonce: 0n, amount: 0n, maxPriorityFeePerGas: 0n });
    expect(buildEvmTransfer({ ...input, to: input.to.toLowerCase() }).unsigned).toEqual(encoded(itemsOf(input)));
  });
});

const TOKEN = '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48';

const REFUSED: [string, Partial<EvmTransfer>, TransactionErrorCode, string][] = [
  ['chain id 0', { chainId: 0n }, 'INVALID_CHAIN_ID', 'chainId'],
  ['a chain id of 2^53', { chainId: 2n ** 53n }, 'INVALID_CHAIN_ID', 'chainId'],
  ['a number for a chain id', { chainId: 1 as never }, 'INVALID_CHAIN_ID', 'chainId'],
  ['a negative nonce', { nonce: -1n }, 'INVALID_NONCE', 'nonce'],
  ['a nonce of 2^53', { nonce: 2n ** 53n }, 'INVALID_NONCE', 'nonce'],
  ['fee 0', { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n }, 'INVALID_FEE', 'maxFeePerGas'],
  ['a fee of 2^256', { maxFeePerGas: MAX_UINT256 + 1n }, 'INVALID_FEE', 'maxFeePerGas'],
  ['a tip above the fee', { maxPriorityFeePerGas: 30_000_000_001n }, 'INVALID_FEE', 'maxPriorityFeePerGas'],
  ['a negative tip', { maxPriorityFeePerGas: -1n }, 'INVALID_FEE', 'maxPriorityFeePerGas'],
  ['a gas limit below any transaction', { gasLimit: 20_999n }, 'INVALID_GAS_LIMIT', 'gasLimit'],
  ['a gas limit of 2^64', { gasLimit: MAX_UINT64 + 1n }, 'INVALID_GAS_LIMIT', 'gasLimit'],
  ['gas times fee beyond 256 bits', { maxFeePerGas: MAX_UINT256 }, 'INVALID_FEE', 'gasLimit * maxFeePerGas'],
  ['a negative amount', { amount: -1n }, 'INVALID_AMOUNT', 'amount'],
  ['an amount of 2^256', { amount: MAX_UINT256 + 1n }, 'INVALID_AMOUNT', 'amount'],
  ['no recipient', { to: '' }, 'INVALID_ADDRESS', 'to'],
  ['an empty recipient', { to: '0x' }, 'INVALID_ADDRESS', 'to'],
  ['a name', { to: 'vitalik.eth' }, 'INVALID_ADDRESS', 'to'],
  ['nothing of a token', { token: TOKEN, amount: 0n }, 'INVALID_AMOUNT', 'amount'],
  ['less than nothing of a token', { token: TOKEN, amount: -1n }, 'INVALID_AMOUNT', 'amount'],
  ['2^256 of a token', { token: TOKEN, amount: MAX_UINT256 + 1n }, 'INVALID_AMOUNT', 'amount'],
  ['a token to itself', { token: TOKEN, to: TOKEN.toLowerCase() }, 'DESTINATION_IS_TOKEN', 'to'],
  ['the zero address', { to: zeroAddress }, 'INVALID_ADDRESS', 'to'],
  ['a token to the zero address', { token: TOKEN, to: zeroAddress }, 'INVALID_ADDRESS', 'to'],
  ['a token at the zero address', { token: zeroAddress }, 'INVALID_ADDRESS', 'token'],
  ['a token that is a name', { token: 'usdc.eth' }, 'INVALID_ADDRESS', 'token'],
  ['a token with a wrong checksum', { token: TOKEN.replace('A0', 'a0') }, 'INVALID_ADDRESS', 'token'],
  ['a wrong checksum', { to: '0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed' }, 'INVALID_ADDRESS', 'to'],
];

describe('input that is refused', () => {
  test.each(REFUSED)('%s', (_name, changes, code, field) => {
    expect(refusedWith(() => buildEvmTransfer(transferOf(changes)))).toEqual({ code, field });
  });
});
