import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { ConfigError } from './config.ts';
import { reading, textOf } from './text-file.ts';

const OTHERS = 0o007;
const MOST_BYTES = 64 * 1024;

/**
 * The bytes of a file that holds a secret, in memory that the caller can overwrite.
 * @throws ConfigError naming `where` and nothing of the content; also for what is no regular file, is longer than `mostBytes`, or may be
 * read or written by users beside the file's owner and group
 */
export function readPrivateBytes(file: string, where: string = file, mostBytes = MOST_BYTES): Uint8Array {
  const refused = (problem: string) => new ConfigError([{ where, problem }]);
  // O_NONBLOCK: a pipe that nobody writes into would hold the whole process here.
  const descriptor = reading(where, () => openSync(file, constants.O_RDONLY | constants.O_NONBLOCK));
  try {
    // Of what was opened, not of what has its name by now.
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw refused('expected a regular file, got something else');
    if ((stat.mode & OTHERS) !== 0) throw refused('other users may read or write the file: chmod o-rwx');
    const bytes = reading(where, () => bytesOf(descriptor, mostBytes + 1));
    if (bytes.length > mostBytes) throw refused(`expected at most ${mostBytes} bytes, got more`);
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}

/** Its text. @throws ConfigError as `readPrivateBytes` does, and where it is no UTF-8 */
export function readPrivateText(file: string, where: string = file, mostBytes = MOST_BYTES): string {
  return textOf(readPrivateBytes(file, where, mostBytes), where);
}

/** Its first bytes, and no other copy of them. What it says of its size is not gone by. */
function bytesOf(descriptor: number, most: number): Uint8Array {
  const bytes = new Uint8Array(most);
  let length = 0;
  while (length < most) {
    const read = readSync(descriptor, bytes, length, most - length, null);
    if (read === 0) break;
    length += read;
  }
  return bytes.subarray(0, length);
}
