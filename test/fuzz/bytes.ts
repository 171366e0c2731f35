import type { Random } from './random.ts';

// What lengths, counts, discriminants and booleans are mistaken about.
const WORDS = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 16, 18, 32, 64, 100, 101, 0x100, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
];
const BYTES = [0, 1, 2, 3, 4, 0x7f, 0x80, 0x81, 0xb7, 0xb8, 0xbf, 0xc0, 0xc1, 0xf7, 0xf8, 0xff];

type Change = (random: Random, bytes: Uint8Array, others: readonly Uint8Array[]) => Uint8Array;

const flipBit: Change = (random, bytes) => at(random, bytes, (byte) => byte ^ (1 << random.below(8)));
const odd: Change = (random, bytes) => at(random, bytes, () => random.pick(BYTES));
const step: Change = (random, bytes) => at(random, bytes, (byte) => byte + random.pick([1, 255]));
const word: Change = (random, bytes) => putWord(random, bytes, () => random.pick(WORDS));
const nearWord: Change = (random, bytes) => putWord(random, bytes, (old) => old + random.pick([-4, -1, 1, 4]));
const drop: Change = (random, bytes) => {
  const [start, end] = range(random, bytes.length);
  return joined(bytes.subarray(0, start), bytes.subarray(end));
};
const double: Change = (random, bytes) => {
  const [start, end] = range(random, bytes.length);
  return joined(bytes.subarray(0, end), bytes.subarray(start));
};
const repeat: Change = (random, bytes) => {
  const [start, end] = range(random, bytes.length);
  const times = new Array<Uint8Array>(random.below(40)).fill(bytes.subarray(start, end));
  return joined(bytes.subarray(0, start), ...times, bytes.subarray(end));
};
const insert: Change = (random, bytes) => {
  const [start] = range(random, bytes.length);
  const more = random.once(2) ? new Uint8Array(4 * random.below(5)) : random.bytes(random.below(9));
  return joined(bytes.subarray(0, start), more, bytes.subarray(start));
};
const cut: Change = (random, bytes) => bytes.slice(0, random.below(bytes.length + 1));
const append: Change = (random, bytes) =>
  joined(bytes, random.once(2) ? new Uint8Array(1 + random.below(8)) : random.bytes(4));
const splice: Change = (random, bytes, others) => {
  const other = random.pick(others);
  const [start] = range(random, bytes.length);
  const [from] = random.once(2) ? [start] : range(random, other.length);
  return joined(bytes.subarray(0, start), other.subarray(from));
};
const graft: Change = (random, bytes, others) => {
  const [from, to] = range(random, random.pick(others).length);
  const part = random.pick(others).subarray(from, to);
  const [start] = range(random, bytes.length);
  return joined(bytes.subarray(0, start), part, bytes.subarray(start + part.length));
};

const CHANGES = [flipBit, odd, step, word, word, nearWord, drop, double, repeat, insert, cut, append, splice, graft];

/** One to four changes to bytes, as a parser may meet them: most keep to words of four bytes, as XDR does. */
export function mutateBytes(random: Random, bytes: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  let changed = bytes;
  for (let left = random.pick([1, 1, 1, 2, 4]); left > 0; left--)
    changed = random.pick(CHANGES)(random, changed, others);
  return changed;
}

function at(random: Random, bytes: Uint8Array, change: (byte: number) => number): Uint8Array {
  if (bytes.length === 0) return bytes;
  const index = random.below(bytes.length);
  return new Uint8Array(bytes).with(index, change(bytes[index] ?? 0));
}

function putWord(random: Random, bytes: Uint8Array, change: (old: number) => number): Uint8Array {
  if (bytes.length < 4) return bytes;
  const copy = new Uint8Array(bytes);
  const view = new DataView(copy.buffer);
  const index = random.once(8) ? random.below(copy.length - 3) : 4 * random.below(Math.floor(copy.length / 4));
  view.setUint32(index, change(view.getUint32(index)));
  return copy;
}

/** A part of so many bytes: short ones more often, and mostly whole words. */
function range(random: Random, length: number): [start: number, end: number] {
  const unit = random.once(4) ? 1 : 4;
  const start = unit * random.below(Math.floor(length / unit) + 1);
  const longest = random.pick([1, 2, 9, 30]);
  return [start, Math.min(length, start + unit * (1 + random.below(longest)))];
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
