import type { Random } from './random.ts';

export type Json = null | boolean | number | string | Json[] | { readonly [name: string]: Json };

/** Values that were seen, by the name of the field that they stood in (`args[]` for the items of `args`). */
export type Pool = Map<string, Json[]>;

const MAX_KEPT = 48;
const MAX_ITEMS = 130;
const TEXTS = [
  '',
  ' ',
  '\0',
  'a',
  'é',
  '\ufeff',
  '\ud800',
  '__proto__',
  'constructor',
  'none',
  'void',
  'native',
  'x'.repeat(33),
];
const EDGES: readonly bigint[] = [7n, 31n, 32n, 63n, 64n, 127n, 128n, 256n]
  .flatMap((bits) => [2n ** bits - 1n, 2n ** bits, -(2n ** bits), -(2n ** bits) - 1n])
  .concat([0n, 1n, -1n, 1024n, 1025n]);

/** Takes every value in a tree into the pool, as far as there is room. */
export function collect(pool: Pool, json: Json, name = ''): void {
  const kept = pool.get(name) ?? [];
  if (kept.length < MAX_KEPT) pool.set(name, [...kept, json]);
  for (const [field, value] of entriesOf(json)) collect(pool, value, Array.isArray(json) ? `${name}[]` : field);
}

/** The tree with one value in it changed: put in from elsewhere, taken to an edge, dropped, doubled. */
export function mutateTree(random: Random, json: Json, pool: Pool): Json {
  const slots = slotsOf(json, [], '');
  const { path, name } = random.pick(slots);
  return replaceAt(json, path, (value) => changed(random, value, name, pool));
}

function changed(random: Random, value: Json, name: string, pool: Pool): Json {
  if (random.once(3)) return random.pick(pool.get(name) ?? [value]);
  if (random.once(12)) return random.pick(pool.get(random.pick([...pool.keys()])) ?? [value]);
  if (Array.isArray(value)) return changedList(random, value, name, pool);
  if (typeof value === 'number') return changedNumber(random, BigInt(Math.trunc(value)));
  if (typeof value === 'string') return changedText(random, value, pool.get(name) ?? []);
  if (typeof value === 'object' && value !== null) return changedObject(random, value, pool);
  return random.pick<Json>([null, true, false, 'none', 0]);
}

function changedList(random: Random, list: readonly Json[], name: string, pool: Pool): Json {
  const index = random.below(list.length + 1);
  const item = random.pick(pool.get(`${name}[]`) ?? [...list, null]);
  const most = Math.max(1, MAX_ITEMS - list.length);
  switch (random.below(5)) {
    case 0:
      return list.toSpliced(index, 1);
    case 1:
      return list.toSpliced(index, 0, item);
    case 2:
      return list.toReversed();
    case 3:
      return list.toSpliced(index, 0, ...new Array<Json>(random.once(6) ? most : random.below(4)).fill(item));
    default:
      return list.length === 0 ? [item] : list.with(random.below(list.length), item);
  }
}

function changedObject(random: Random, value: { readonly [name: string]: Json }, pool: Pool): Json {
  const entries = Object.entries(value);
  const name = random.pick([...pool.keys()]);
  switch (random.below(3)) {
    case 0:
      return Object.fromEntries(entries.toSpliced(random.below(entries.length), 1));
    case 1:
      return Object.fromEntries([...entries, [name, random.pick(pool.get(name) ?? [null])]]);
    default:
      return Object.fromEntries(entries.map(([key, item], i) => [i === 0 ? name : key, item]));
  }
}

const changedNumber = (random: Random, value: bigint): number =>
  Number(random.once(2) ? value + BigInt(random.below(5) - 2) : random.pick(EDGES));

function changedText(random: Random, text: string, others: readonly Json[]): Json {
  if (/^-?\d+$/.test(text)) {
    return (random.once(2) ? BigInt(text) + BigInt(random.below(5) - 2) : random.pick(EDGES)).toString();
  }
  const index = random.below(text.length + 1);
  const other = random.pick([...others.filter((each) => typeof each === 'string'), text]);
  switch (random.below(4)) {
    case 0:
      return other;
    case 1:
      return random.pick(TEXTS);
    case 2:
      return `${text.slice(0, index)}${random.pick([...TEXTS, 'A', '0', 'f'])}${text.slice(index + 1)}`;
    default:
      return `${text}${random.pick(TEXTS)}`;
  }
}

type Path = readonly (string | number)[];
interface Slot {
  readonly path: Path;
  readonly name: string;
}

function slotsOf(json: Json, path: Path, name: string): Slot[] {
  const inside = entriesOf(json).flatMap(([field, value]) =>
    Array.isArray(json)
      ? slotsOf(value, [...path, Number(field)], `${name}[]`)
      : slotsOf(value, [...path, field], field),
  );
  return [{ path, name }, ...inside];
}

function replaceAt(json: Json, [first, ...rest]: Path, change: (value: Json) => Json): Json {
  if (first === undefined) return change(json);
  if (Array.isArray(json)) return json.map((item, i) => (i === first ? replaceAt(item, rest, change) : item));
  return Object.fromEntries(
    entriesOf(json).map(([name, value]) => [name, name === first ? replaceAt(value, rest, change) : value]),
  );
}

function entriesOf(json: Json): [string, Json][] {
  return typeof json === 'object' && json !== null ? Object.entries(json) : [];
}
