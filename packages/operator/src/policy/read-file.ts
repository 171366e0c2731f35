import { readFileSync } from 'node:fs';
import { types } from 'node:util';
import { ConfigError } from '@countersign/runtime/config';

/** The bytes of a file. @throws ConfigError naming it */
export function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    const code = types.isNativeError(cause) && 'code' in cause ? String(cause.code) : 'unknown';
    throw new ConfigError([{ where: file, problem: `cannot read the file (${code})` }]);
  }
}

/** The text that bytes are, in UTF-8 and whole: encoded again, they are the same bytes. @throws ConfigError naming the file */
export function textOf(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ConfigError([{ where: file, problem: 'expected text in UTF-8' }]);
  }
}

export function readText(file: string): string {
  return textOf(readBytes(file), file);
}
