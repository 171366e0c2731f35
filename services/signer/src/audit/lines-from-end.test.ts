import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { linesFromEnd } from './lines-from-end.ts';

let file: string;

beforeAll(async () => {
  file = join(await mkdtemp(join(tmpdir(), 'countersign-lines-')), 'log');
});
afterAll(() => rm(join(file, '..'), { recursive: true }));

async function lines(path = file): Promise<string[]> {
  const all: string[] = [];
  for await (const line of linesFromEnd(path)) all.push(line);
  return all;
}

test('gives the whole lines of any file, the last one first', async () => {
  // Some longer than what is read at once, and in more than one byte a character.
  const line = fc
    .tuple(fc.string({ unit: 'grapheme' }), fc.constantFrom(0, 0, 0, 70_000))
    .map(([text, size]) => text.replaceAll('\n', '') + 'é'.repeat(size));
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 6 }), line, async (whole, torn) => {
      await writeFile(file, whole.map((text) => `${text}\n`).join('') + torn);
      expect(await lines()).toEqual(whole.toReversed());
    }),
    { numRuns: 60 },
  );
});

test('a file that is not there has none, any other trouble is told', async () => {
  expect(await lines(`${file}.none`)).toEqual([]);
  await expect(lines(join(file, 'below'))).rejects.toThrow(/ENOTDIR/);
});
