import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { readToken } from './token-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-token-'));
const file = join(folder, 'token');
afterAll(() => rmSync(folder, { recursive: true }));

function write(text: string): string {
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

test('a token is read as it is now, without the line’s end', () => {
  expect(readToken(write('s.one\n'))).toBe('s.one');
  expect(readToken(write('s.two'))).toBe('s.two');
});

test('a file that is longer than any token is not read to its end', () => {
  const read = () => readToken(write(`s.one${' '.repeat(9_000)}`));
  expect(read).toThrow(`token_file ${file}: expected at most 8192 bytes, got more`);
});

test.each(['', '\n', 's.one s.two', 's.one\ns.two\n', 's.one\u0000', 's.öne', 's'.repeat(4097)])(
  'what is no token is refused, and not shown: %j',
  (text) => {
    const read = () => readToken(write(text));
    expect(read).toThrow(`token_file ${file}: expected one token, got something else`);
    expect(read).not.toThrow(/s\./);
  },
);
