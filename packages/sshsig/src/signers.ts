import { SshsigError } from './error.ts';
import { parsePublicKey } from './public-key.ts';

const MAX_SIGNERS = 64;

/**
 * Reads who may sign: a public key a line, its comment is the name. Empty lines and lines that begin with `#` say nothing. No key
 * and no name stands twice, so that as many signatures are as many people.
 *
 * @returns fingerprint → name, in the order of the lines.
 * @throws SshsigError INVALID_SIGNERS naming the line.
 */
export function readSigners(text: string): ReadonlyMap<string, string> {
  const signers = new Map<string, string>();
  const names = new Set<string>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const fail = (problem: string, cause?: unknown) =>
      new SshsigError('INVALID_SIGNERS', `signers: line ${index + 1}: ${problem}`, { cause });
    const { fingerprint, comment: name } = readLine(line, fail);
    const other = signers.get(fingerprint);
    if (other !== undefined) throw fail(`expected a key of its own, got that of ${other}`);
    if (name === '' || name !== name.trim()) throw fail('expected a name behind the key');
    if (names.has(name)) throw fail(`expected each name once, got ${name} again`);
    if (signers.size === MAX_SIGNERS) throw fail(`expected at most ${MAX_SIGNERS}`);
    signers.set(fingerprint, name);
    names.add(name);
  }
  return signers;
}

function readLine(line: string, fail: (problem: string, cause: unknown) => SshsigError) {
  try {
    return parsePublicKey(line);
  } catch (error) {
    if (!(error instanceof SshsigError)) throw error;
    throw fail(error.message, error);
  }
}
