import type { Hex } from 'viem';
import { bytesToHex, concatHex, encodeFunctionData, fromRlp, hexToBytes, parseAbi, toRlp } from 'viem/utils';

/** An item of RLP, in hex. */
export type Item = Hex | readonly Item[];

const FIELDS = ['chainId', 'nonce', 'tip', 'fee', 'gas', 'to', 'value', 'data', 'accessList'] as const;
type Field = (typeof FIELDS)[number];

/** The nine fields of an unsigned transaction of type 2. */
export function itemsOf(unsigned: Uint8Array): readonly Item[] {
  const items = fromRlp(bytesToHex(unsigned.subarray(1)));
  if (typeof items === 'string') throw new Error('expected a list');
  return items;
}

/** 0x02 ‖ RLP. */
export function encoded(items: readonly Item[]): Uint8Array {
  return hexToBytes(concatHex(['0x02', toRlp([...items])]));
}

/** The transaction with fields replaced. */
export function withItems(unsigned: Uint8Array, change: Partial<Record<Field, Item>>): Uint8Array {
  return encoded(itemsOf(unsigned).map((item, i) => change[FIELDS[i] ?? 'to'] ?? item));
}

/** The transaction with raw bytes (hex), canonical or not, in place of one field; the length of the list is right. */
export function withRaw(unsigned: Uint8Array, field: Field, raw: string): Uint8Array {
  const payload = itemsOf(unsigned)
    .map((item) => toRlp([item]).slice(4))
    .with(FIELDS.indexOf(field), raw)
    .join('');
  const length = payload.length / 2;
  const head = length < 56 ? (0xc0 + length).toString(16) : `f8${length.toString(16)}`;
  return fromHex(`02${head}${payload}`);
}

export function fromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}

export function hexOf(text: string): Hex {
  return `0x${text.replace(/^0x/, '')}`;
}

/** Calldata of a method, by its signature. */
export function calldata(signature: string, args: readonly unknown[]): Hex {
  return encodeFunctionData({ abi: parseAbi([signature]) as readonly unknown[], args } as never);
}
