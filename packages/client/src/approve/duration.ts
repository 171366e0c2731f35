import { ClientError } from '../error.ts';

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** Reads `90s`, `10m`, `1h` or `2d` into seconds. */
export function parseDuration(text: string): number {
  const [, count, unit] = /^([1-9][0-9]{0,4})([smhd])$/.exec(text) ?? [];
  if (count !== undefined && (unit === 's' || unit === 'm' || unit === 'h' || unit === 'd')) {
    return Number(count) * SECONDS[unit];
  }
  throw new ClientError('USAGE', '--expires: expected a number and s, m, h or d, for example 1h');
}
