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
  return write(value, '$', new Set());
}

function write(value: unknown, path: string, around: ReadonlySet<unknown>): string {
  if (value === null || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'string') return writeString(value, path);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (typeof value !== 'object') throw refusal(path, typeof value === 'number' ? String(value) : `a ${typeof value}`);
  if (around.has(value)) throw refusal(path, 'a circle');
  const inside = new Set([...around, value]);
  if (Array.isArray(value)) {
    return `[${Array.from(value, (item, index) => write(item, `${path}[${index}]`, inside)).join(',')}]`;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw refusal(path, 'an object of a class');
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${writeString(name, path)}:${write(member, `${path}.${name}`, inside)}`);
  return `{${members.join(',')}}`;
}

function writeString(text: string, path: string): string {
  if (!text.isWellFormed()) throw refusal(path, 'a lone surrogate');
  return JSON.stringify(text);
}

const refusal = (path: string, found: string) => new AuditError('NOT_JSON', `${path}: expected JSON, got ${found}`);
