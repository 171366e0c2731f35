import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { compareGenerated } from './compare-generated.ts';

let root: string;

function put(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    const path = join(folder, 'packages/contract/src/gen', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

const generating = (files: Readonly<Record<string, string>>) => async (folder: string) => {
  put(folder, files);
  return { ok: true, output: '' };
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'countersign-compare-'));
  put(root, { 'a/one.ts': '1', 'two.ts': '2' });
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

test('the same files are fine', async () => {
  const same = generating({ 'a/one.ts': '1', 'two.ts': '2' });
  expect(await compareGenerated(root, same)).toEqual({ ok: true, output: '' });
});

test.each<[name: string, fresh: Readonly<Record<string, string>>, stale: string]>([
  ['changed', { 'a/one.ts': 'x', 'two.ts': '2' }, 'a/one.ts'],
  ['missing', { 'a/one.ts': '1', 'two.ts': '2', 'new.ts': '3' }, 'new.ts'],
  ['no longer generated', { 'a/one.ts': '1' }, 'two.ts'],
])('a file that is %s is named', async (_, fresh, stale) => {
  expect(await compareGenerated(root, generating(fresh))).toEqual({
    ok: false,
    output: `packages/contract/src/gen/${stale} is not what proto/ says; run npm run generate`,
  });
});

test('a generator that fails, or does nothing, is a failure', async () => {
  const broken = { ok: false, output: 'no proto' };
  expect(await compareGenerated(root, async () => broken)).toEqual(broken);
  expect(await compareGenerated(root, async () => ({ ok: true, output: '' }))).toEqual({
    ok: false,
    output: 'nothing was generated',
  });
});
