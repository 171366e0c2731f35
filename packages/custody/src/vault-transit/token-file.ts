import { ConfigError } from '@countersign/runtime/config';
import { readPrivateText } from '@countersign/runtime/private-file';

/** What may stand in a header: anything else would end it, and is no token. */
const TOKEN = /^[\x21-\x7e]{1,4096}$/;
/** Room for a token, and for spaces around it. */
const MOST_BYTES = 8 * 1024;

/**
 * The token in a file, read anew each time: agents renew it, and between two calls it is not in this process's hands.
 * @throws ConfigError naming the file and nothing of what it holds
 */
export function readToken(file: string): string {
  const where = `token_file ${file}`;
  const token = readPrivateText(file, where, MOST_BYTES).trim();
  if (TOKEN.test(token)) return token;
  throw new ConfigError([{ where, problem: 'expected one token, got something else' }]);
}
