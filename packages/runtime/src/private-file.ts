import { statSync } from 'node:fs';
import { ConfigError } from './config.ts';
import { readBytes, textOf } from './text-file.ts';

const OTHERS = 0o007;

/**
 * The bytes of a file that holds a secret, in memory that the caller can overwrite.
 * @throws ConfigError naming `where` and nothing of the content; also where users beside the file's owner and group may read or write it
 */
export function readPrivateBytes(file: string, where: string = file): Uint8Array {
  const bytes = readBytes(file, where);
  if ((statSync(file).mode & OTHERS) !== 0) {
    throw new ConfigError([{ where, problem: 'other users may read or write the file: chmod o-rwx' }]);
  }
  return bytes;
}

/** Its text. @throws ConfigError as `readPrivateBytes` does, and where it is no UTF-8 */
export function readPrivateText(file: string, where: string = file): string {
  return textOf(readPrivateBytes(file, where), where);
}
