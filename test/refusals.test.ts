import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

const root = new URL('../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const sources = (pattern: string) => globSync(pattern, { cwd: root }).filter((path) => !path.endsWith('.test.ts'));
const textOf = (paths: readonly string[]) => paths.map(read).join('\n');

/** The codes of a union type, as its source lists them. */
const union = (path: string) => [...read(path).matchAll(/^ {2}\| '([A-Z0-9_]+)'/gm)].map(([, code = '']) => code);
/** Beside those of packages/policy: what only the signer can tell. */
const mismatchesOfSigner = [
  ...textOf(sources('services/signer/src/signing/*.ts')).matchAll(/\bmismatch\(\s*'([A-Z0-9_]+)'/g),
].map(([, code = '']) => code);

/** The rows of a part of docs/refusals.md: a part goes to the next heading of its level. */
function rowsUnder(heading: string): string[][] {
  const [part = ''] = read('docs/refusals.md').split(`\n## ${heading}`).slice(1);
  const [own = ''] = part.split('\n## ');
  return own
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').slice(1, -1));
}

describe('docs/refusals.md', () => {
  test.each([
    ['Decoding', union('packages/chains/src/error.ts'), 50],
    ['Matching', [...union('packages/policy/src/mismatch.ts'), ...new Set(mismatchesOfSigner)], 12],
    ['Deciding', ['NO_POLICY', ...union('packages/policy/src/reason.ts')], 20],
  ])('%s: one row for each reason that the code has, and no other', (heading, codes, least) => {
    expect(codes.length).toBeGreaterThan(least);
    const named = rowsUnder(heading).map(([code = '']) => code.trim());
    expect(named.toSorted()).toEqual(codes.map((code) => `\`${code}\``).toSorted());
  });

  test.each(['Decoding', 'Matching', 'Deciding'])('%s: each row says what for, and has an example', (heading) => {
    const cells = rowsUnder(heading).map((row) => row.map((cell) => cell.trim()));
    expect(cells.filter((row) => row.length !== 3 || row.includes(''))).toEqual([]);
  });
});

describe('every reason', () => {
  test.each([
    ['the decoders', union('packages/chains/src/error.ts'), 'packages/chains/src', 'packages/chains/src/error.ts'],
    ['the policy', union('packages/policy/src/reason.ts'), 'packages/policy/src', 'packages/policy/src/reason.ts'],
    ['the match', union('packages/policy/src/mismatch.ts'), 'packages/policy/src', 'packages/policy/src/mismatch.ts'],
    ['the signer', mismatchesOfSigner, 'services/signer/src/signing', ''],
  ])('of %s is given somewhere, and by a test', (_, codes, folder, list) => {
    const code = textOf(sources(`${folder}/**/*.ts`).filter((path) => path !== list));
    const tests = textOf(globSync(`${folder}/**/*.test.ts`, { cwd: root }));
    const quoted = (reason: string) => `'${reason}'`;
    expect(codes.filter((reason) => !code.includes(quoted(reason)))).toEqual([]);
    expect(codes.filter((reason) => !tests.includes(quoted(reason)))).toEqual([]);
  });
});
