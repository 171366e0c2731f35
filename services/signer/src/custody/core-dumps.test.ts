import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { coreDumpsAllowed } from './core-dumps.ts';

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('what the kernel says of a process without core files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'limits-'));
  const [file, pattern] = [join(folder, 'limits'), join(folder, 'core_pattern')];
  await writeFile(pattern, 'core\n');
  const { stdout } = await promisify(execFile)('/bin/sh', ['-c', 'ulimit -c 0; cat /proc/self/limits']);
  await writeFile(file, stdout);
  expect(coreDumpsAllowed(file, pattern)).toBe(false);
  await writeFile(pattern, '|/usr/lib/systemd/systemd-coredump %P\n');
  expect(coreDumpsAllowed(file, pattern)).toBe(true);
  await writeFile(pattern, 'core\n');
  await writeFile(file, stdout.replace(/^(Max core file size +)0/m, '$1unlimited'));
  expect(coreDumpsAllowed(file, pattern)).toBe(true);
  await rm(folder, { recursive: true });
});

test('where nothing is known nothing is said', () => {
  expect(coreDumpsAllowed('/nowhere')).toBe(false);
});
