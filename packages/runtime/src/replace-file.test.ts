import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { replaceFile } from './replace-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-replace-'));
});
afterEach(() => rm(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const modeOf = async (name: string) => (await stat(at(name))).mode & 0o777;

test('a file keeps its permissions, whatever the umask says', async () => {
  await writeFile(at('keys'), 'before');
  await chmod(at('keys'), 0o664);
  const umask = process.umask(0o077);
  try {
    await replaceFile(at('keys'), 'after');
  } finally {
    process.umask(umask);
  }
  expect(await readFile(at('keys'), 'utf8')).toBe('after');
  expect(await modeOf('keys')).toBe(0o664);
  expect(await readdir(folder)).toEqual(['keys']);
});

test('a new file is for its owner alone', async () => {
  await replaceFile(at('keys'), 'first');
  expect(await modeOf('keys')).toBe(0o600);
});

test('a link stays one, and the file that it leads to is replaced', async () => {
  await writeFile(at('file'), 'before');
  await symlink(at('file'), at('link'));
  await replaceFile(at('link'), 'after');
  expect(await readFile(at('file'), 'utf8')).toBe('after');
  expect((await readdir(folder, { withFileTypes: true })).map((one) => [one.name, one.isSymbolicLink()])).toEqual([
    ['file', false],
    ['link', true],
  ]);
});

test('what cannot be written names the file', async () => {
  await expect(replaceFile(at('nowhere/keys'), 'text')).rejects.toThrow(
    `${at('nowhere/keys')}: cannot write the file (ENOENT)`,
  );
});
