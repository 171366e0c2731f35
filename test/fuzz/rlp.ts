import type { Random } from './random.ts';

/** A tree of RLP, and how each item is to be written. */
export type Rlp =
  | { readonly bytes: Uint8Array; readonly spelling?: Spelling }
  | { readonly list: readonly Rlp[]; readonly spelling?: Spelling };

/** Ways to write an item that a canonical encoder does not take. */
type Spelling = 'long' | 'padded' | 'prefixed' | 'short by one' | 'long by one' | 'other kind';
const SPELLINGS: readonly Spelling[] = ['long', 'padded', 'prefixed', 'short by one', 'long by one', 'other kind'];

/** Reads RLP as far as it can be read; whatever cannot is a string. It is only there to be changed. */
export function readRlp(bytes: Uint8Array, depth = 0): Rlp[] {
  const items: Rlp[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] ?? 0;
    const long = tag >= 0xf8 ? tag - 0xf7 : tag >= 0xb8 && tag < 0xc0 ? tag - 0xb7 : 0;
    const head = tag < 0x80 ? 0 : 1 + long;
    const length =
      long > 0 ? number(bytes.subarray(at + 1, at + head)) : tag < 0x80 ? 1 : tag & (tag < 0xc0 ? 0x7f : 0x3f);
    const payload = bytes.subarray(at + head, at + head + length);
    items.push(tag >= 0xc0 && depth < 16 ? { list: readRlp(payload, depth + 1) } : { bytes: payload });
    at += head + Math.max(length, head === 0 ? 1 : 0);
  }
  return items;
}

export function writeRlp(item: Rlp): Uint8Array {
  const isList = 'list' in item;
  const payload = isList ? Buffer.concat(item.list.map(writeRlp)) : item.bytes;
  const { spelling } = item;
  if (!isList && payload.length === 1 && (payload[0] ?? 0) < 0x80 && spelling !== 'prefixed') return payload;
  const base = isList !== (spelling === 'other kind') ? 0xc0 : 0x80;
  const length = payload.length + (spelling === 'short by one' ? -1 : spelling === 'long by one' ? 1 : 0);
  return Buffer.concat([head(base, Math.max(0, length), spelling), payload]);
}

/** One change to an item somewhere in the tree. */
export function mutateRlp(random: Random, items: readonly Rlp[]): Rlp[] {
  const index = random.below(items.length);
  const item = items[index];
  if (item === undefined) return [anyItem(random)];
  if ('list' in item && !random.once(4)) return items.with(index, { ...item, list: mutateRlp(random, item.list) });
  switch (random.below(9)) {
    case 0:
      return items.with(index, anyItem(random));
    case 1:
      return items.toSpliced(index, 1);
    case 2:
      return items.toSpliced(index, 0, random.once(2) ? item : anyItem(random));
    case 3:
      return items.with(index, { ...item, spelling: random.pick(SPELLINGS) });
    case 4:
      return items.with(index, { list: [item] });
    case 5:
      return items.with(index, random.pick(items));
    default:
      return items.with(
        index,
        'list' in item ? { list: [...item.list, anyItem(random)] } : { bytes: edited(random, item.bytes) },
      );
  }
}

function anyItem(random: Random): Rlp {
  switch (random.below(4)) {
    case 0:
      return { list: [] };
    case 1:
      return {
        bytes: new Uint8Array(random.pick([0, 1, 2, 8, 9, 20, 32, 33, 56, 68, 300])).fill(random.pick([0, 1, 0xff])),
      };
    default:
      return { bytes: random.bytes(random.pick([0, 1, 2, 8, 20, 32, 68])) };
  }
}

function edited(random: Random, bytes: Uint8Array): Uint8Array {
  const index = random.below(bytes.length + 1);
  switch (random.below(6)) {
    case 0:
      return Uint8Array.of(0, ...bytes);
    case 1:
      return Uint8Array.of(...bytes, random.below(256));
    case 2:
      return bytes.slice(0, index);
    case 3:
      return bytes.slice(1);
    default:
      // One byte; in calldata and numbers alike most such changes give another value that is just as valid.
      return bytes.length === 0
        ? Uint8Array.of(random.below(256))
        : bytes.slice().with(index % bytes.length, random.below(256));
  }
}

function head(base: number, length: number, spelling: Spelling | undefined): Uint8Array {
  if (length < 56 && spelling !== 'long' && spelling !== 'padded') return Uint8Array.of(base + length);
  const digits = length.toString(16);
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  const written = spelling === 'padded' ? Uint8Array.of(0, ...bytes) : bytes;
  return Uint8Array.of(base + 55 + written.length, ...written);
}

function number(bytes: Uint8Array): number {
  return Math.min(
    2 ** 31,
    bytes.reduce((sum, byte) => sum * 256 + byte, 0),
  );
}
