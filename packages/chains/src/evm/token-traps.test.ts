import { describe, expect, test } from '@jest/globals';
import { encodeFunctionData, type Hex, hexToBytes, parseAbi, toFunctionSelector, zeroAddress } from 'viem';
import {
  calldata,
  encoded,
  hex,
  type Item,
  itemsOf,
  MAX_UINT256,
  transactionOf,
  transferOf,
} from '../../testing/evm.ts';
import { refusedWith } from '../../testing/refused.ts';
import type { TransactionErrorCode } from '../error.ts';
import { decodeEvmTransaction } from './decode.ts';

const TOKEN = '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48';
const base = transferOf({ token: TOKEN, amount: 5n });
const to = hex(base.to);
const good = calldata(to, 5n);
const TO = 7;

const items = (changes: Partial<Record<number, Item>>) => encoded(itemsOf(base, changes));
const data = (text: string) => items({ [TO]: hex(text) });
/** The calldata with one of its two words replaced. */
const word = (index: 0 | 1, text: string) =>
  data(`${good.slice(0, 10 + 64 * index)}${text}${good.slice(74 + 64 * index)}`);
const address = (text: string) => text.slice(2).toLowerCase().padStart(64, '0');
const call = (signature: string, args: readonly unknown[]) =>
  encodeFunctionData({ abi: parseAbi([signature]) as readonly unknown[], args } as never);

const OTHER_METHODS: [string, Hex][] = [
  ['approve', call('function approve(address spender, uint256 amount)', [to, 5n])],
  ['transferFrom', call('function transferFrom(address from, address to, uint256 amount)', [TOKEN, to, 5n])],
  ['increaseAllowance', call('function increaseAllowance(address spender, uint256 amount)', [to, 5n])],
  ['decreaseAllowance', call('function decreaseAllowance(address spender, uint256 amount)', [to, 5n])],
  ['setApprovalForAll', call('function setApprovalForAll(address operator, bool approved)', [to, true])],
  ['safeTransferFrom', call('function safeTransferFrom(address from, address to, uint256 id)', [TOKEN, to, 5n])],
  ['a transfer with data', call('function transfer(address to, uint256 amount, bytes data)', [to, 5n, '0x'])],
  ['a transfer of many', call('function transfer(address[] to, uint256[] amounts)', [[to], [5n]])],
  ['deposit', call('function deposit()', [])],
  ['withdraw', call('function withdraw(uint256 amount)', [5n])],
  [
    'transferWithAuthorization',
    call(
      'function transferWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, bytes signature)',
      [TOKEN, to, 5n, 0n, MAX_UINT256, `0x${'11'.repeat(32)}`, '0x'],
    ),
  ],
  ['mint', call('function mint(address to, uint256 amount)', [to, 5n])],
  ['burnFrom', call('function burnFrom(address from, uint256 amount)', [to, 5n])],
  ['transferOwnership', call('function transferOwnership(address to)', [to])],
  ['transferAndCall', call('function transferAndCall(address to, uint256 amount, bytes data)', [to, 5n, '0x'])],
  ['multicall', call('function multicall(bytes[] calls)', [[good]])],
  ['execute', call('function execute(address to, uint256 value, bytes data)', [TOKEN, 0n, good])],
  [
    'permit',
    call(
      'function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)',
      [to, to, 5n, MAX_UINT256, 27, `0x${'11'.repeat(32)}`, `0x${'11'.repeat(32)}`],
    ),
  ],
  ['an unknown method with the same arguments', `0xdeadbeef${good.slice(10)}`],
];

const TRAPS: [string, () => Uint8Array, TransactionErrorCode, string][] = [
  ...OTHER_METHODS.map(([name, calls]): (typeof TRAPS)[number] => [
    name,
    () => data(calls),
    'UNSUPPORTED_CALLDATA',
    'data',
  ]),
  ['a method alone', () => data(good.slice(0, 10)), 'UNSUPPORTED_CALLDATA', 'data'],
  ['three bytes of a method', () => data(good.slice(0, 8)), 'UNSUPPORTED_CALLDATA', 'data'],
  ['an amount short of one byte', () => data(good.slice(0, -2)), 'UNSUPPORTED_CALLDATA', 'data'],
  ['a byte after the amount', () => data(`${good}00`), 'UNSUPPORTED_CALLDATA', 'data'],
  ['a word after the amount', () => data(`${good}${'00'.repeat(32)}`), 'UNSUPPORTED_CALLDATA', 'data'],
  ['a second transfer after the first', () => data(`${good}${good.slice(2)}`), 'UNSUPPORTED_CALLDATA', 'data'],
  [
    'a packed address',
    () => data(`${good.slice(0, 10)}${to.slice(2)}${good.slice(74)}`),
    'UNSUPPORTED_CALLDATA',
    'data',
  ],
  ['a dirty byte next to the address', () => word(0, address(`0x01${to.slice(2)}`)), 'INVALID_ADDRESS', 'data.to'],
  ['a dirty first byte', () => word(0, `80${address(to).slice(2)}`), 'INVALID_ADDRESS', 'data.to'],
  ['an address written to the left', () => word(0, to.slice(2).padEnd(64, '0')), 'INVALID_ADDRESS', 'data.to'],
  ['the zero address', () => word(0, address(zeroAddress)), 'INVALID_ADDRESS', 'data.to'],
  ['the token to itself', () => word(0, address(TOKEN)), 'DESTINATION_IS_TOKEN', 'data.to'],
  ['an amount of 0', () => word(1, '0'.repeat(64)), 'INVALID_AMOUNT', 'data.amount'],
  ['value beside the token', () => items({ 6: '0x01' }), 'VALUE_WITH_TOKEN_TRANSFER', 'value'],
  ['a token at the zero address', () => items({ 5: zeroAddress }), 'INVALID_ADDRESS', 'to'],
  ['a contract creation with the call as its code', () => items({ 5: '0x' }), 'CONTRACT_CREATION', 'to'],
  ['calldata as a list', () => items({ [TO]: [good] }), 'MALFORMED_TRANSACTION', 'data'],
];

describe('a trap in a token transfer', () => {
  test.each(TRAPS)('%s', (_name, trap, code, field) => {
    const unsigned = trap();
    expect(refusedWith(() => decodeEvmTransaction(unsigned))).toEqual({ code, field });
  });

  test('the transaction that they all vary is accepted', () => {
    expect(decodeEvmTransaction(items({}))).toEqual(transactionOf(base, expect.anything() as never));
    expect(word(0, address(to))).toEqual(encoded(itemsOf(base)));
  });
});

test('the method is the one whose name hashes to it', () => {
  expect(good.slice(0, 10)).toBe(toFunctionSelector('transfer(address,uint256)'));
});

test('the two ends of an amount are read as they are', () => {
  const transfer = (amount: bigint) => decodeEvmTransaction(data(calldata(to, amount))).transfer;
  expect(transfer(1n)).toEqual({ asset: `eip155:31337/erc20:${TOKEN}`, destination: base.to, amount: 1n });
  expect(transfer(MAX_UINT256).amount).toBe(MAX_UINT256);
  expect(hexToBytes(good)).toHaveLength(68);
});
