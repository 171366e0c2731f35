import { chmod, chown, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
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
    await replaceFile(at('keys'), 'after', 'before');
  } finally {
    process.umask(umask);
  }
  expect(await readFile(at('keys'), 'utf8')).toBe('after');
  expect(await modeOf('keys')).toBe(0o664);
  expect(await readdir(folder)).toEqual(['keys']);
});

test('a new file is for its owner alone', async () => {
  await replaceFile(at('keys'), 'first', undefined);
  expect(await modeOf('keys')).toBe(0o600);
});

test('a link stays one, and the file that it leads to is replaced', async () => {
  await writeFile(at('file'), 'before');
  await symlink(at('file'), at('link'));
  await replaceFile(at('link'), 'after', 'before');
  expect(await readFile(at('file'), 'utf8')).toBe('after');
  expect((await readdir(folder, { withFileTypes: true })).map((one) => [one.name, one.isSymbolicLink()])).toEqual([
    ['file', false],
    ['link', true],
  ]);
});

test('what cannot be written names the file', async () => {
  await expect(replaceFile(at('nowhere/keys'), 'text', undefined)).rejects.toThrow(
    `${at('nowhere/keys')}: cannot write the file (ENOENT)`,
  );
});

test('what somebody else has written meanwhile stays', async () => {
  await writeFile(at('keys'), 'theirs');
  for (const before of ['mine', undefined]) {
    await expect(replaceFile(at('keys'), 'after', before)).rejects.toThrow('it has changed meanwhile: try again');
  }
  expect(await readFile(at('keys'), 'utf8')).toBe('theirs');
  expect(await readdir(folder)).toEqual(['keys']);
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;
asRoot('the file of another user stays theirs', async () => {
  await writeFile(at('keys'), 'before');
  await chown(at('keys'), 12345, 12346);
  await replaceFile(at('keys'), 'after', 'before');
  expect(await stat(at('keys'))).toMatchObject({ uid: 12345, gid: 12346 });
});
