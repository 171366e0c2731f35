import { mkdtemp, open, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createFileSink } from './file-sink.ts';
import type { Sink } from './sink.ts';

let dir: string;
let file: string;
let opening: string;
let sink: Sink;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'countersign-sink-'));
  file = join(dir, 'audit.jsonl');
  opening = '';
  sink = createFileSink(file, () => opening);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await sink.close();
  await rm(dir, { recursive: true });
});

const text = (path = file) => readFile(path, 'utf8');

test('appends lines to a file of its own mode, and goes on in one that is there', async () => {
  await sink.write('1\n');
  await sink.write('2\n3\n');
  await sink.close();
  await sink.write('4\n');
  expect(await text()).toBe('1\n2\n3\n4\n');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('a last line that a crash tore is taken off', async () => {
  await writeFile(file, `1\n2\n${'é'.repeat(100_000)}`);
  await sink.open();
  expect(await text()).toBe('1\n2\n');
  await sink.close();
  await writeFile(file, 'torn from the first byte on');
  await sink.write('1\n');
  expect(await text()).toBe('1\n');
});

test('nothing is written behind a torn line that could not be taken off', async () => {
  await writeFile(file, '1\ntorn');
  const probe = await open(file);
  const handles: typeof probe = Object.getPrototypeOf(probe);
  await probe.close();
  const read = jest.spyOn(handles, 'read').mockRejectedValueOnce(new Error('EIO: i/o error, read'));
  await expect(sink.write('2\n')).rejects.toThrow(/EIO/);
  expect(read.mock.contexts).toMatchObject([{ fd: -1 }]); // closed
  await sink.write('2\n');
  expect(await text()).toBe('1\n2\n');
});

test.each<[how: string, away: () => Promise<void>]>([
  ['moved away', () => rename(file, `${file}.1`)],
  ['removed', () => rm(file)],
  ['emptied', () => truncate(file)],
])('a file that was %s is followed by a new one, which begins with the opening', async (_, away) => {
  await sink.write('1\n');
  opening = 'opening\n';
  await sink.write('2\n');
  await away();
  await sink.write('3\n');
  await sink.write('4\n');
  expect(await text()).toBe('opening\n3\n4\n');
  const moved = await text(`${file}.1`).catch(() => '1\n2\n');
  expect(moved).toBe('1\n2\n');
});

test('a write that fails is told, and can be tried again', async () => {
  await sink.write('1\n');
  await rename(dir, `${dir}-away`);
  await expect(sink.write('2\n')).rejects.toThrow(/ENOENT/);
  await rename(`${dir}-away`, dir);
  await sink.write('2\n');
  expect(await text()).toBe('1\n2\n');
});

test('a full disk is told', async () => {
  const full = createFileSink('/dev/full', () => '');
  await expect(full.write('1\n')).rejects.toThrow(/ENOSPC/);
  await full.close();
});
