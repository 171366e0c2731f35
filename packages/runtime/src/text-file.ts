import { readFileSync } from 'node:fs';
import { types } from 'node:util';
import { ConfigError } from './config.ts';

/** The bytes of a file. @throws ConfigError naming `where`: the file, or the variable that tells of it. */
export function readBytes(file: string, where: string = file): Uint8Array {
  return reading(where, () => readFileSync(file));
}

/** @throws ConfigError naming `where`, in the place of what the system says */
export function reading<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const code = types.isNativeError(cause) && 'code' in cause ? String(cause.code) : 'unknown';
    throw new ConfigError([{ where, problem: `cannot read the file (${code})` }]);
  }
}

/** The text that bytes are, in UTF-8 and whole: no two different ones are the same text. @throws ConfigError naming `where` */
export function textOf(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ConfigError([{ where, problem: 'expected text in UTF-8' }]);
  }
}

/** The text of a file. @throws ConfigError naming `where` */
export function readText(file: string, where: string = file): string {
  return textOf(readBytes(file, where), where);
}
