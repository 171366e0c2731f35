import { describe, expect, test } from '@jest/globals';
import { type Hex, zeroAddress } from 'viem';
import { bytesToHex, hexToBytes, serializeTransaction } from 'viem/utils';
import {
  encoded,
  hex,
  type Item,
  itemsOf,
  MAX_UINT64,
  MAX_UINT256,
  transactionOf,
  transferOf,
} from '../../testing/evm.ts';
import { refusal, refusedWith } from '../../testing/refused.ts';
import type { TransactionErrorCode } from '../error.ts';
import type { EvmTransfer } from './build.ts';
import { decodeEvmTransaction } from './decode.ts';

const FIELDS = [
  'chainId',
  'nonce',
  'maxPriorityFeePerGas',
  'maxFeePerGas',
  'gasLimit',
  'to',
  'value',
  'data',
  'accessList',
];
const base = transferOf();
const good = encoded(itemsOf(base));
const to = hex(base.to);

const values = (changes: Partial<EvmTransfer>) => encoded(itemsOf(transferOf(changes)));
const items = (changes: Partial<Record<number, Item>>) => encoded(itemsOf(base, changes));
const bytes = (text: string) => hexToBytes(hex(`0x${text}`));

/** The list with raw bytes, canonical or not, in place of one item; the list's own length is right. */
function raw(field: string, replacement: string): Uint8Array {
  const written = itemsOf(base).map((item) => bytesToHex(encoded([item])).slice(6));
  const payload = written.with(FIELDS.indexOf(field), replacement).join('');
  const length = payload.length / 2;
  return bytes(`02${length < 56 ? (0xc0 + length).toString(16) : `f8${length.toString(16)}`}${payload}`);
}

const common = { chainId: 1, nonce: 1, to, value: 1n, gas: 21_000n } as const;
const fees = { maxFeePerGas: 2n, maxPriorityFeePerGas: 1n };
const blobHash: Hex = `0x01${'00'.repeat(31)}`;
const delegation = {
  address: to,
  chainId: 1,
  nonce: 0,
  r: `0x${'11'.repeat(32)}`,
  s: `0x${'11'.repeat(32)}`,
  yParity: 0,
} as const;
const serialized = {
  legacy: serializeTransaction({ ...common, type: 'legacy', gasPrice: 1n }),
  withoutChain: serializeTransaction({ ...common, chainId: undefined, type: 'legacy', gasPrice: 1n }),
  accessList: serializeTransaction({ ...common, type: 'eip2930', gasPrice: 1n }),
  blob: serializeTransaction({
    ...common,
    ...fees,
    type: 'eip4844',
    blobVersionedHashes: [blobHash],
    maxFeePerBlobGas: 1n,
  }),
  setCode: serializeTransaction({ ...common, ...fees, type: 'eip7702', authorizationList: [delegation] }),
};

const TRAPS: [string, () => Uint8Array, TransactionErrorCode, string][] = [
  ['nothing', () => new Uint8Array(), 'UNKNOWN_TRANSACTION_TYPE', 'transaction'],
  ['hex text instead of bytes', () => bytesToHex(good) as never, 'INVALID_BYTES', 'transaction'],
  ['a hash instead of a transaction', () => bytes('ab'.repeat(32)), 'UNKNOWN_TRANSACTION_TYPE', 'transaction'],
  ['128 KiB and a byte', () => new Uint8Array(131_073), 'TRANSACTION_TOO_LARGE', 'transaction'],
  ['a legacy transaction', () => hexToBytes(serialized.legacy), 'LEGACY_TRANSACTION', 'transaction'],
  [
    'a legacy transaction without a chain id',
    () => hexToBytes(serialized.withoutChain),
    'LEGACY_TRANSACTION',
    'transaction',
  ],
  ['an empty list, without a type', () => bytes('c0'), 'LEGACY_TRANSACTION', 'transaction'],
  ['an access list transaction', () => hexToBytes(serialized.accessList), 'ACCESS_LIST_TRANSACTION', 'transaction'],
  ['a blob transaction', () => hexToBytes(serialized.blob), 'BLOB_TRANSACTION', 'transaction'],
  ['a set-code transaction', () => hexToBytes(serialized.setCode), 'SET_CODE_TRANSACTION', 'transaction'],
  ['type 0', () => good.with(0, 0), 'UNKNOWN_TRANSACTION_TYPE', 'transaction'],
  ['type 5', () => good.with(0, 5), 'UNKNOWN_TRANSACTION_TYPE', 'transaction'],
  ['type 127', () => good.with(0, 0x7f), 'UNKNOWN_TRANSACTION_TYPE', 'transaction'],
  ['an EIP-191 message', () => bytes(`19${'00'.repeat(40)}`), 'UNKNOWN_TRANSACTION_TYPE', 'transaction'],
  ['an RLP string', () => bytes('b838'), 'UNKNOWN_TRANSACTION_TYPE', 'transaction'],
  ['the reserved type 0xff', () => good.with(0, 0xff), 'UNKNOWN_TRANSACTION_TYPE', 'transaction'],
  ['the type twice', () => Uint8Array.of(2, ...good), 'MALFORMED_TRANSACTION', 'transaction'],
  ['a type alone', () => bytes('02'), 'MALFORMED_TRANSACTION', 'transaction'],
  ['an empty list', () => bytes('02c0'), 'MALFORMED_TRANSACTION', 'transaction'],
  ['a string instead of a list', () => bytes('0280'), 'MALFORMED_TRANSACTION', 'transaction'],
  ['eight fields', () => encoded(itemsOf(base).slice(0, 8)), 'MALFORMED_TRANSACTION', 'transaction'],
  ['ten fields', () => encoded([...itemsOf(base), '0x']), 'MALFORMED_TRANSACTION', 'transaction'],
  ['a signed transaction', () => encoded([...itemsOf(base), '0x', '0x11', '0x22']), 'ALREADY_SIGNED', 'transaction'],
  ['an empty signature', () => encoded([...itemsOf(base), '0x', '0x', '0x']), 'ALREADY_SIGNED', 'transaction'],
  [
    'the fields of a blob transaction under type 2',
    () => encoded([...itemsOf(base), '0x01', [blobHash]]),
    'MALFORMED_TRANSACTION',
    'transaction',
  ],
  [
    'the field of a set-code transaction under type 2',
    () => encoded([...itemsOf(base), []]),
    'MALFORMED_TRANSACTION',
    'transaction',
  ],
  [
    'a field after the signature',
    () => encoded([...itemsOf(base), '0x', '0x11', '0x22', '0x']),
    'MALFORMED_TRANSACTION',
    'transaction',
  ],
  ['the list in a list', () => encoded([itemsOf(base)]), 'MALFORMED_TRANSACTION', 'transaction'],
  [
    'the list written as a string',
    () => Uint8Array.of(2, 0x80 + good.length - 2, ...good.slice(2)),
    'MALFORMED_TRANSACTION',
    'transaction',
  ],
  [
    'a list that ends inside its last item',
    () => good.with(1, (good[1] ?? 0) - 1),
    'MALFORMED_TRANSACTION',
    'transaction',
  ],
  ['a list that goes on', () => good.with(1, (good[1] ?? 0) + 1), 'MALFORMED_TRANSACTION', 'transaction'],
  ['a length of 4 GiB for data', () => raw('data', 'bbffffffff'), 'MALFORMED_TRANSACTION', 'transaction'],
  ['a byte after the end', () => Uint8Array.of(...good, 0), 'MALFORMED_TRANSACTION', 'transaction'],
  [
    'a second transaction after the first',
    () => Uint8Array.of(...good, ...good),
    'MALFORMED_TRANSACTION',
    'transaction',
  ],
  ['the last byte gone', () => good.slice(0, -1), 'MALFORMED_TRANSACTION', 'transaction'],
  ['a long form for a short list', () => bytes(`02f80a${'01'.repeat(10)}`), 'MALFORMED_TRANSACTION', 'transaction'],
  [
    'a length with a leading zero',
    () => bytes(`02f900${good[1]?.toString(16)}`),
    'MALFORMED_TRANSACTION',
    'transaction',
  ],
  ['a length of 2^64', () => bytes(`02ff${'ff'.repeat(8)}`), 'MALFORMED_TRANSACTION', 'transaction'],
  ['a prefix before a single byte', () => raw('nonce', '8107'), 'MALFORMED_TRANSACTION', 'transaction'],
  ['a long form for a short string', () => raw('to', `b814${to.slice(2)}`), 'MALFORMED_TRANSACTION', 'transaction'],
  ['an item longer than its list', () => raw('accessList', 'c1'), 'MALFORMED_TRANSACTION', 'transaction'],
  ['a zero written as a byte', () => raw('value', '00'), 'NOT_CANONICAL', 'value'],
  ['chain id 0', () => values({ chainId: 0n }), 'INVALID_CHAIN_ID', 'chainId'],
  ['a chain id beyond EIP-2294', () => values({ chainId: 9_223_372_036_854_775_772n }), 'INVALID_CHAIN_ID', 'chainId'],
  ['a nonce of 2^64 - 1', () => values({ nonce: MAX_UINT64 }), 'INVALID_NONCE', 'nonce'],
  ['a nonce of 2^64', () => values({ nonce: MAX_UINT64 + 1n }), 'INVALID_NONCE', 'nonce'],
  [
    'a tip above the fee',
    () => values({ maxPriorityFeePerGas: base.maxFeePerGas + 1n }),
    'INVALID_FEE',
    'maxPriorityFeePerGas',
  ],
  ['a fee of 2^256', () => values({ maxFeePerGas: MAX_UINT256 + 1n }), 'INVALID_FEE', 'maxFeePerGas'],
  ['a gas limit of 2^64', () => values({ gasLimit: MAX_UINT64 + 1n }), 'INVALID_GAS_LIMIT', 'gasLimit'],
  [
    'gas times fee beyond 256 bits',
    () => values({ maxFeePerGas: MAX_UINT256 }),
    'INVALID_FEE',
    'gasLimit * maxFeePerGas',
  ],
  ['a value of 2^256', () => values({ amount: MAX_UINT256 + 1n }), 'INVALID_AMOUNT', 'value'],
  ['a value of 100,000 bytes', () => items({ 6: `0x${'11'.repeat(100_000)}` }), 'INVALID_AMOUNT', 'value'],
  ['a chain id of 32 bytes', () => values({ chainId: MAX_UINT256 }), 'INVALID_CHAIN_ID', 'chainId'],
  ['a chain id of 33 bytes', () => values({ chainId: MAX_UINT256 + 1n }), 'INVALID_CHAIN_ID', 'chainId'],
  ['the zero address', () => items({ 5: zeroAddress }), 'INVALID_ADDRESS', 'to'],
  ['nothing to the zero address', () => items({ 5: zeroAddress, 6: '0x' }), 'INVALID_ADDRESS', 'to'],
  ['a contract creation', () => items({ 5: '0x' }), 'CONTRACT_CREATION', 'to'],
  ['a contract creation without value', () => items({ 5: '0x', 6: '0x' }), 'CONTRACT_CREATION', 'to'],
  ['a contract creation with code', () => items({ 5: '0x', 7: '0x6001' }), 'CONTRACT_CREATION', 'to'],
  ['a recipient of 19 bytes', () => items({ 5: hex(to.slice(2)) }), 'INVALID_ADDRESS', 'to'],
  ['a recipient of 21 bytes', () => items({ 5: hex(`${to}00`) }), 'INVALID_ADDRESS', 'to'],
  ['a recipient as an ABI word', () => items({ 5: `0x${'00'.repeat(12)}${to.slice(2)}` }), 'INVALID_ADDRESS', 'to'],
  ['a byte of calldata', () => items({ 7: '0x00' }), 'UNSUPPORTED_CALLDATA', 'data'],
  ['an access list', () => items({ 8: [[to, [`0x${'00'.repeat(32)}`]]] }), 'UNSUPPORTED_ACCESS_LIST', 'accessList'],
  ['an access list that is a string', () => items({ 8: '0x' }), 'UNSUPPORTED_ACCESS_LIST', 'accessList'],
  ['an access list of an empty list', () => items({ 8: [[]] }), 'UNSUPPORTED_ACCESS_LIST', 'accessList'],
  ['lists nested 2,000 deep', () => bytes(`02${nested(2_000)}`), 'MALFORMED_TRANSACTION', 'transaction'],
  ['lists nested 30,000 deep', () => bytes(`02${nested(30_000)}`), 'MALFORMED_TRANSACTION', 'transaction'],
  ['a list of 100,000 items', () => bytes(`02fa0186a0${'80'.repeat(100_000)}`), 'MALFORMED_TRANSACTION', 'transaction'],
  ...FIELDS.slice(0, 8).map((field, index): (typeof TRAPS)[number] => [
    `${field}: a list`,
    () => items({ [index]: [] }),
    'MALFORMED_TRANSACTION',
    field,
  ]),
  ...['chainId', 'nonce', 'maxPriorityFeePerGas', 'maxFeePerGas', 'gasLimit', 'value'].map(
    (field): (typeof TRAPS)[number] => [`${field}: a leading zero`, () => raw(field, '820001'), 'NOT_CANONICAL', field],
  ),
];

function nested(depth: number): string {
  let length = 0;
  const prefixes: string[] = [];
  for (let level = 0; level < depth; level++) {
    const digits = length.toString(16);
    const even = digits.length % 2 === 0 ? digits : `0${digits}`;
    const prefix = length < 56 ? (0xc0 + length).toString(16) : `${(0xf7 + even.length / 2).toString(16)}${even}`;
    prefixes.push(prefix);
    length += prefix.length / 2;
  }
  return prefixes.reverse().join('');
}

describe('an EVM trap', () => {
  test.each(TRAPS)('%s', (_name, trap, code, field) => {
    const unsigned = trap();
    expect(refusedWith(() => decodeEvmTransaction(unsigned))).toEqual({ code, field });
  });

  test('a number of 100,000 bytes is not shown, nor read as one', () => {
    const unsigned = items({ 6: `0x${'11'.repeat(100_000)}` });
    expect(refusal(() => decodeEvmTransaction(unsigned)).message).toBe('value: expected at most 32 bytes, got 100000');
  });

  test('that is cut short is refused with what the library said of it', () => {
    expect(() => decodeEvmTransaction(good.subarray(0, -1))).toThrow(
      expect.objectContaining({
        name: 'TransactionError',
        cause: expect.objectContaining({ message: expect.any(String) }),
      }),
    );
  });

  test('the transaction that they all vary is accepted', () => {
    expect(decodeEvmTransaction(good)).toEqual(transactionOf(base, expect.anything() as never));
    expect(raw('nonce', '07')).toEqual(good);
  });
});
