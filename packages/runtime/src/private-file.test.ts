import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

test('one that is not there is named as it is called', () => {
  expect(() => readPrivateText('/nowhere', 'TOKEN_FILE')).toThrow('TOKEN_FILE: cannot read the file (ENOENT)');
});
