import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { readPrivateText } from './private-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-private-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(mode: number): string {
  const path = join(folder, mode.toString(8));
  writeFileSync(path, 'secret');
  chmodSync(path, mode);
  return path;
}

test.each([0o600, 0o640, 0o400])('a file of mode %o is read', (mode) => {
  expect(readPrivateText(file(mode))).toBe('secret');
});

test.each([0o604, 0o602, 0o601, 0o666])('a file of mode %o is refused: others have a part in it', (mode) => {
  const read = () => readPrivateText(file(mode), 'TOKEN_FILE');
  expect(read).toThrow('TOKEN_FILE: other users may read or write the file: chmod o-rwx');
});

test('a file of as many bytes as are allowed is read, and one byte more is refused', () => {
  expect(readPrivateText(file(0o600), 'TOKEN_FILE', 6)).toBe('secret');
  const read = () => readPrivateText(file(0o600), 'TOKEN_FILE', 5);
  expect(read).toThrow('TOKEN_FILE: expected at most 5 bytes, got more');
  writeFileSync(join(folder, 'long'), 's'.repeat(70_000), { mode: 0o600 });
  expect(() => readPrivateText(join(folder, 'long'))).toThrow('expected at most 65536 bytes, got more');
});

test.each([
  ['a pipe', (path: string) => execFileSync('mkfifo', ['-m', '600', path])],
  ['a folder', (path: string) => mkdirSync(path, { mode: 0o700 })],
])('%s is refused, and nobody waits for it', (what, make) => {
  const path = join(folder, what);
  make(path);
  expect(() => readPrivateText(path, 'TOKEN_FILE')).toThrow('TOKEN_FILE: expected a regular file, got something else');
});

test('a link leads to the file', () => {
  symlinkSync(file(0o600), join(folder, 'link'));
  expect(readPrivateText(join(folder, 'link'))).toBe('secret');
});

test('one that is not there is named as it is called', () => {
  expect(() => readPrivateText('/nowhere', 'TOKEN_FILE')).toThrow('TOKEN_FILE: cannot read the file (ENOENT)');
});
