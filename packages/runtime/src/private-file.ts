import { statSync } from 'node:fs';
import { ConfigError } from './config.ts';
import { readText } from './text-file.ts';

const OTHERS = 0o007;

/**
 * The text of a file that holds a secret.
 * @throws ConfigError naming `where` and nothing of the text; also where users beside the file's owner and group may read or write it
 */
export function readPrivateText(file: string, where: string = file): string {
  const text = readText(file, where);
  if ((statSync(file).mode & OTHERS) !== 0) {
    throw new ConfigError([{ where, problem: 'other users may read or write the file: chmod o-rwx' }]);
  }
  return text;
}
