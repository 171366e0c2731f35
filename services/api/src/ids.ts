import { randomBytes } from 'node:crypto';

/**
 * `<prefix>_` and 32 hex digits: 48 bits of Unix milliseconds, so that rows made together lie together in an index, and
 * 80 random bits.
 */
export function newId(prefix: string): string {
  return `${prefix}_${Date.now().toString(16).padStart(12, '0')}${randomBytes(10).toString('hex')}`;
}
