import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { readBytes, readText, textOf } from './text-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-text-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(...bytes: readonly number[]): string {
  const path = join(folder, 'file');
  writeFileSync(path, Uint8Array.from(bytes));
  return path;
}

test('a file is its bytes, and the text that they are', () => {
  const path = file(0x61, 0xc3, 0xa4, 0x0a);
  expect(new Uint8Array(readBytes(path))).toEqual(Uint8Array.of(0x61, 0xc3, 0xa4, 0x0a));
  expect(readText(path)).toBe('aä\n');
});

test('a mark at the beginning is a part of the text: no two files read as the same', () => {
  expect(readText(file(0xef, 0xbb, 0xbf, 0x61))).toBe('\uFEFFa');
});

test('what cannot be read is named by its path, or as it is called', () => {
  expect(() => readText('/nowhere')).toThrow('/nowhere: cannot read the file (ENOENT)');
  expect(() => readText('/nowhere', 'POLICY_FILE')).toThrow('POLICY_FILE: cannot read the file (ENOENT)');
  expect(() => readBytes(folder, 'KEYS_FILE')).toThrow('KEYS_FILE: cannot read the file (EISDIR)');
});

test.each([
  ['a byte that begins nothing', [0xff]],
  ['a sequence that ends early', [0xc3]],
  ['a long form', [0xc0, 0x80]],
  ['half of a pair', [0xed, 0xa0, 0x80]],
])('%s is no text', (_, bytes) => {
  expect(() => textOf(Uint8Array.from(bytes), 'x')).toThrow('x: expected text in UTF-8');
});
