import { types } from 'node:util';
import { ConfigError } from '@countersign/runtime/config';

/** What cannot be read is no answer; any other error is a fault of ours. */
export function unreadable(file: string, error: unknown): unknown {
  const code = types.isNativeError(error) && 'code' in error ? String(error.code) : '';
  return /^E[A-Z]+$/.test(code) ? new ConfigError([{ where: file, problem: `cannot be read (${code})` }]) : error;
}
