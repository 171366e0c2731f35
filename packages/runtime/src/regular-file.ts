import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { ConfigError } from './config.ts';
import { reading, textOf } from './text-file.ts';

/** What a file is read under. */
export interface FileRule {
  readonly mostBytes: number;
  /** @returns what speaks against what was opened. */
  readonly refuse?: (stat: Stats) => string | undefined;
}

/**
 * The bytes of a regular file of bounded size: whatever else may be put in its place by whoever writes it, the process is not held.
 * There is no other copy of them.
 * @throws ConfigError naming `where` and nothing of the content
 */
export function readRegularBytes(
  file: string,
  where: string,
  { mostBytes, refuse = () => undefined }: FileRule,
): Uint8Array {
  const refused = (problem: string) => new ConfigError([{ where, problem }]);
  // O_NONBLOCK: a pipe that nobody writes into would hold the whole process here.
  const descriptor = reading(where, () => openSync(file, constants.O_RDONLY | constants.O_NONBLOCK));
  try {
    // Of what was opened, not of what has its name by now.
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw refused('expected a regular file, got something else');
    const problem = refuse(stat);
    if (problem !== undefined) throw refused(problem);
    const bytes = reading(where, () => bytesOf(descriptor, mostBytes + 1));
    if (bytes.length > mostBytes) throw refused(`expected at most ${mostBytes} bytes, got more`);
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}

/** Its text. @throws ConfigError as `readRegularBytes` does, and where it is no UTF-8 */
export function readRegularText(file: string, where: string, rule: FileRule): string {
  return textOf(readRegularBytes(file, where, rule), where);
}

/** Its first bytes. What it says of its size is not gone by. */
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
