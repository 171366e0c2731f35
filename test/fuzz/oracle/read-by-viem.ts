import {
  bytesToHex,
  concatHex,
  fromRlp,
  type Hex,
  parseTransaction,
  type TransactionSerializableEIP1559,
  toRlp,
} from 'viem';
import { Finding } from '../target.ts';

/** An unsigned type-2 transaction as viem reads it, with the two numbers that it keeps as doubles read in full. */
export interface ViemTransaction extends Omit<TransactionSerializableEIP1559, 'chainId' | 'nonce'> {
  readonly chainId: bigint;
  readonly nonce: bigint;
}

/** @throws Finding for any other type; viem's own errors */
export function readByViem(unsigned: Uint8Array): ViemTransaction {
  const hex = bytesToHex(unsigned);
  const fields = fromRlp(`0x${hex.slice(4)}`);
  if (!hex.startsWith('0x02') || !Array.isArray(fields)) throw new Finding('viem reads no type-2 transaction');
  // viem refuses a nonce beyond 2^53, and rounds such a chain id.
  const small = fields.with(0, '0x01').with(1, '0x');
  const read = parseTransaction(concatHex(['0x02', toRlp(small)]));
  if (read.type !== 'eip1559') throw new Finding(`viem reads a transaction of type ${read.type}`);
  return { ...read, chainId: number(fields[0]), nonce: number(fields[1]) };
}

function number(item: unknown): bigint {
  const hex = item as Hex;
  return hex === '0x' ? 0n : BigInt(hex);
}
