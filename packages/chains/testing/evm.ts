import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { erc20Abi, type Hex, zeroAddress } from 'viem';
import { bytesToHex, concatHex, encodeFunctionData, getAddress, hexToBytes, numberToHex, toRlp } from 'viem/utils';
import { erc20Asset, evmChainId, nativeAsset } from '../src/caip.ts';
import type { EvmTransfer } from '../src/evm/build.ts';
import type { EvmTransaction } from '../src/evm/decode.ts';

export const MAX_UINT64 = 2n ** 64n - 1n;
export const MAX_UINT256 = 2n ** 256n - 1n;
const MAX_NUMBER = BigInt(Number.MAX_SAFE_INTEGER);

export function transferOf(changes: Partial<EvmTransfer> = {}): EvmTransfer {
  return {
    chainId: 31_337n,
    nonce: 7n,
    to: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
    amount: 1_500_000_000_000_000_000n,
    gasLimit: 21_000n,
    maxFeePerGas: 30_000_000_000n,
    maxPriorityFeePerGas: 1_000_000_000n,
    ...changes,
  };
}

const address = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes) => getAddress(bytesToHex(bytes)))
  .filter((text) => text !== zeroAddress);

/** A transfer of the native asset. */
export const anyTransfer: fc.Arbitrary<EvmTransfer> = fc
  .record(
    {
      chainId: fc.bigInt({ min: 1n, max: MAX_NUMBER }),
      nonce: fc.bigInt({ min: 0n, max: MAX_NUMBER }),
      to: address,
      amount: fc.bigInt({ min: 0n, max: MAX_UINT256 }),
      gasLimit: fc.bigInt({ min: 21_000n, max: MAX_UINT64 }),
      maxFeePerGas: fc.bigInt({ min: 1n, max: 2n ** 192n - 1n }),
      share: fc.bigInt({ min: 0n, max: 1000n }),
    },
    { noNullPrototype: true },
  )
  .map(({ share, ...rest }) => ({ ...rest, maxPriorityFeePerGas: (rest.maxFeePerGas * share) / 1000n }));

/** A transfer of a token. */
export const anyTokenTransfer: fc.Arbitrary<EvmTransfer & { token: string }> = fc
  .tuple(anyTransfer, address, fc.bigInt({ min: 1n, max: MAX_UINT256 }))
  .map(([transfer, token, amount]) => ({ ...transfer, token, amount }))
  .filter(({ token, to }) => token !== to);

/** The nine fields as RLP items in hex, as viem writes integers. */
export type Item = Hex | readonly Item[];
export function itemsOf(transaction: EvmTransfer, changes: Partial<Record<number, Item>> = {}): Item[] {
  const { chainId, nonce, maxPriorityFeePerGas, maxFeePerGas, gasLimit, to, amount, token } = transaction;
  const items: Item[] = [
    integer(chainId),
    integer(nonce),
    integer(maxPriorityFeePerGas),
    integer(maxFeePerGas),
    integer(gasLimit),
    hex(token ?? to),
    integer(token === undefined ? amount : 0n),
    token === undefined ? '0x' : calldata(to, amount),
    [],
  ];
  return items.map((item, index) => changes[index] ?? item);
}

/** 0x02 ‖ RLP, by viem. */
export function encoded(items: readonly Item[]): Uint8Array {
  return hexToBytes(concatHex(['0x02', toRlp([...items])]));
}

/** What viem writes from our decoder's answer alone. */
export function viemEncode(transaction: EvmTransaction): Uint8Array {
  const { transfer, to: called } = transaction;
  const native = transfer.asset === `eip155:${transaction.chainId}/slip44:60`;
  const { destination: to, amount } = transfer;
  return encoded(itemsOf({ ...transaction, to, amount, ...(!native && { token: called }) }));
}

/** transfer(to, amount), by viem. */
export function calldata(to: string, amount: bigint): Hex {
  return encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [hex(to), amount] });
}

/** What a decoder must say of the transaction that is built from this input. */
export function transactionOf(input: EvmTransfer, signingHash: Uint8Array): EvmTransaction {
  const { to, amount, token, ...rest } = input;
  const chain = evmChainId(input.chainId);
  const asset = token === undefined ? nativeAsset(chain) : erc20Asset(chain, token);
  return {
    kind: 'evm',
    chain,
    ...rest,
    to: token ?? to,
    value: token === undefined ? amount : 0n,
    transfer: { asset, destination: to, amount },
    signingHash,
  };
}

/** A list of @ethersproject/testcases. */
export function vectors(name: string): unknown[] {
  const file = createRequire(import.meta.url).resolve(`@ethersproject/testcases/testcases/${name}.json.gz`);
  return JSON.parse(gunzipSync(readFileSync(file)).toString('utf8'));
}

export function hex(text: string): Hex {
  return `0x${text.slice(2)}`;
}

function integer(value: bigint): Hex {
  return value === 0n ? '0x' : numberToHex(value);
}
