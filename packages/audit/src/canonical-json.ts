import { AuditError } from './error.ts';

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/**
 * The one text of a JSON value, by RFC 8785 (JSON Canonicalization Scheme): members sorted by UTF-16 code units, no
 * spaces, numbers and strings as ECMAScript writes them.
 * @throws AuditError NOT_JSON, naming the path of whatever JSON cannot say (undefined, NaN, a bigint, a Date, a lone
 * surrogate, a circle), where JSON.stringify would drop or change it silently.
 */
export function canonicalJson(value: unknown): string {
  return write(value, []);
}

/** What stands around a value: the objects, and where in them. Only an error needs it as a text. */
type Around = { readonly object: object; member: string | number | undefined }[];

function write(value: unknown, around: Around): string {
  if (typeof value === 'string') return writeString(value, around);
  if (value === null || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (typeof value !== 'object') {
    throw refusal(around, typeof value === 'number' ? String(value) : `a ${typeof value}`);
  }
  if (around.some(({ object }) => object === value)) throw refusal(around, 'a circle');
  const place: Around[number] = { object: value, member: undefined };
  around.push(place);
  const text = Array.isArray(value) ? writeItems(value, place, around) : writeMembers(value, place, around);
  around.pop();
  return text;
}

function writeItems(items: readonly unknown[], place: Around[number], around: Around): string {
  const texts = Array.from(items, (item, index) => {
    place.member = index;
    return write(item, around);
  });
  return `[${texts.join(',')}]`;
}

function writeMembers(object: object, place: Around[number], around: Around): string {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) throw refusal(around, 'an object of a class');
  let text = '';
  // Without a comparison of its own, sort is by UTF-16 code units.
  for (const name of Object.keys(object).sort()) {
    place.member = undefined;
    text += `${text === '' ? '' : ','}${writeString(name, around)}:`;
    place.member = name;
    text += write(Reflect.get(object, name), around);
  }
  return `{${text}}`;
}

function writeString(text: string, around: Around): string {
  if (!text.isWellFormed()) throw refusal(around, 'a lone surrogate');
  return JSON.stringify(text);
}

function refusal(around: Around, found: string): AuditError {
  const path = around.map(({ member }) => {
    if (member === undefined) return '';
    return typeof member === 'number' ? `[${member}]` : `.${member}`;
  });
  return new AuditError('NOT_JSON', `$${path.join('')}: expected JSON, got ${found}`);
}
