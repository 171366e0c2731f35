import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { ERROR_TABLE } from '@countersign/contract/errors';
import { describe, expect, test } from '@jest/globals';

const root = new URL('../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...markdownIn('docs'),
  ...markdownIn('docs/decisions'),
  ...markdownIn('docs/runbooks'),
];

function markdownIn(folder: string): string[] {
  return readdirSync(new URL(`${folder}/`, root))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);
}

describe('docs/errors.md', () => {
  const text = read('docs/errors.md');
  // The codes of a union type, as its source lists them.
  const union = (path: string) => [...read(path).matchAll(/^ {2}\| '([A-Z0-9_]+)'/gm)].map(([, code = '']) => code);

  test.each([
    ['the error table', Object.keys(ERROR_TABLE)],
    ['the decoders', union('packages/chains/src/error.ts')],
    ['the policy', union('packages/policy/src/reason.ts')],
  ])('lists every code of %s', (_, codes) => {
    expect(codes.length).toBeGreaterThan(10);
    expect(codes.filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
  });

  test('lists the reasons that the signer and the engine write', () => {
    const sources = [
      'services/signer/src/signing',
      'services/api/src/engine',
      'services/api/src/engine/stellar',
      'services/api/src/engine/stellar/soroban',
      'services/api/src/engine/evm',
    ]
      .flatMap((folder) => readdirSync(new URL(`${folder}/`, root)).map((name) => `${folder}/${name}`))
      .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'));
    const codes = sources.flatMap((path) =>
      [
        ...read(path).matchAll(
          /(?:code: |reason: |mismatch\(|bound\(|outOfWindow\(|failed\()'([A-Z0-9]+(?:_[A-Z0-9]+)+)'/g,
        ),
      ].map(([, code = '']) => code),
    );
    expect(codes.length).toBeGreaterThan(20);
    expect([...new Set(codes)].filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
  });
});

test('every path that the threat model names is there', () => {
  const named = [...read('docs/threat-model.md').matchAll(/`((?:test|packages|services|tools)\/[^`]+)`/g)].map(
    ([, path = '']) => path,
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
});

test.each(documents)('every link of %s leads somewhere', (document) => {
  const links = [...read(document).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target = '']) => target);
  const base = new URL(document, root);
  expect(links.filter((target) => !existsSync(new URL(target, base)))).toEqual([]);
});
