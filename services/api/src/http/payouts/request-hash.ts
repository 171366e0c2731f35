import { createHash } from 'node:crypto';
import { validationFailed } from '../problem/validation.ts';

const MAX_DEPTH = 8;

/** SHA-256 over route and body; the order of a JSON object's members does not count. */
export function requestHash(route: string, body: unknown): Buffer {
  return createHash('sha256')
    .update(`${route}\n${canonical(body, 0)}`)
    .digest();
}

function canonical(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) {
    throw validationFailed([{ field: 'body', code: 'TOO_DEEP', message: `expected at most ${MAX_DEPTH} levels` }]);
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item, depth + 1)}`).join()}}`;
}
