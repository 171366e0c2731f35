import { mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type FileWatch, watchFile } from './watch-file.ts';

let directory: string;
let file: string;
let watch: FileWatch | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'countersign-watch-'));
  file = join(directory, 'flags.yaml');
  writeFileSync(file, 'a');
});

afterEach(() => {
  watch?.close();
  watch = undefined;
  rmSync(directory, { recursive: true, force: true });
});

/** Watches, and hands out a promise of the next change. */
function start(path: string, pollMs = 10) {
  let changed: () => void = () => undefined;
  watch = watchFile(path, () => changed(), { pollMs });
  return () =>
    new Promise<void>((resolve) => {
      changed = resolve;
    });
}

describe.each([
  ['by polling', 10],
  ['by notification', 3_600_000],
])('a change is seen %s', (_, pollMs) => {
  test('written in place', async () => {
    const next = start(file, pollMs)();
    writeFileSync(file, 'b');
    await next;
  });

  test('replaced by a rename, again and again', async () => {
    const next = start(file, pollMs);
    for (const text of ['b', 'c', 'd']) {
      const change = next();
      writeFileSync(join(directory, 'new'), text);
      renameSync(join(directory, 'new'), file);
      await change;
    }
  });

  test('deleted and created', async () => {
    const next = start(file, pollMs);
    const deleted = next();
    unlinkSync(file);
    await deleted;
    const created = next();
    writeFileSync(file, 'a');
    await created;
  });
});

test('a symbolic link on the way that is switched is a change', async () => {
  writeFileSync(join(directory, 'one'), 'a');
  writeFileSync(join(directory, 'two'), 'a');
  const link = join(directory, 'link');
  symlinkSync('one', link);
  const next = start(link)();
  symlinkSync('two', join(directory, 'link.new'));
  renameSync(join(directory, 'link.new'), link);
  await next;
});

test('a file in a folder that does not exist yet is seen when it comes', async () => {
  const folder = join(directory, 'later');
  const next = start(join(folder, 'x'))();
  const { mkdirSync } = await import('node:fs');
  mkdirSync(folder);
  writeFileSync(join(folder, 'x'), '1');
  await next;
});

test('what does not change is not reported, nor anything after close', async () => {
  let quiet = 0;
  const silent = watchFile(file, () => quiet++, { pollMs: 5 });
  const other = join(directory, 'other');
  writeFileSync(other, '1');
  const next = start(other, 5);
  for (const text of ['2', '3', '4']) {
    const change = next();
    writeFileSync(other, `${text}${text}`);
    await change;
  }
  expect(quiet).toBe(0);
  silent.close();
  const change = next();
  writeFileSync(file, 'bb');
  writeFileSync(other, 'last');
  await change;
  expect(quiet).toBe(0);
});
