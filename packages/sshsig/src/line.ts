import { quote, SshsigError } from './error.ts';

const WORD = /^[!-~]+$/;

/** One line of a statement: its value is printable ASCII without spaces, so that it ends where it seems to. */
export function wordLine(name: string, value: string): string {
  if (!WORD.test(value)) {
    throw new SshsigError('INVALID_TERMS', `${name}: expected printable ASCII without spaces, got ${quote(value)}`);
  }
  return `${name}: ${value}\n`;
}
