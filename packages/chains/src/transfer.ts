import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import type { AssetId } from './caip.ts';

/** A Stellar memo. `text` is at most 28 bytes of UTF-8, `id` an unsigned 64-bit integer, `hash` and `return` are 32 bytes. */
export type StellarMemo =
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'id'; readonly value: bigint }
  | { readonly type: 'hash' | 'return'; readonly value: Uint8Array };

/** One movement of money: `amount` in the asset's smallest unit, `destination` as the chain writes it (G…, M…, EIP-55). */
export interface Transfer {
  readonly destination: string;
  readonly asset: AssetId;
  readonly amount: bigint;
  readonly memo?: StellarMemo;
}

/** `type:value`, bytes as hex: two memos are the same exactly when their texts are. */
export function memoText({ type, value }: StellarMemo): string {
  return `${type}:${value instanceof Uint8Array ? bytesToHex(value) : value}`;
}

/** The memo that `memoText` writes as `type:value`; `value` is of that type, which nothing here checks. */
export function memoOf(type: StellarMemo['type'], value: string): StellarMemo {
  switch (type) {
    case 'text':
      return { type, value };
    case 'id':
      return { type, value: BigInt(value) };
    case 'hash':
    case 'return':
      return { type, value: hexToBytes(value) };
    default:
      return type satisfies never;
  }
}
