import { readRegularBytes } from './regular-file.ts';
import { textOf } from './text-file.ts';

const OTHERS = 0o007;
const MOST_BYTES = 64 * 1024;

/**
 * The bytes of a file that holds a secret, in memory that the caller can overwrite.
 * @throws ConfigError naming `where` and nothing of the content; also for what is no regular file, is longer than `mostBytes`, or may be
 * read or written by users beside the file's owner and group
 */
export function readPrivateBytes(file: string, where: string = file, mostBytes = MOST_BYTES): Uint8Array {
  const refuse = ({ mode }: { readonly mode: number }) =>
    (mode & OTHERS) === 0 ? undefined : 'other users may read or write the file: chmod o-rwx';
  return readRegularBytes(file, where, { mostBytes, refuse });
}

/** Its text. @throws ConfigError as `readPrivateBytes` does, and where it is no UTF-8 */
export function readPrivateText(file: string, where: string = file, mostBytes = MOST_BYTES): string {
  return textOf(readPrivateBytes(file, where, mostBytes), where);
}
