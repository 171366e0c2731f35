import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const repository = dirname(dirname(fileURLToPath(import.meta.url)));

// One violation a file, and the rule that has to find it; null where there is nothing to find.
const PLANTS: readonly (readonly [file: string, text: string, rule: string | null])[] = [
  ['packages/a/src/any.ts', 'export const x: any = 1;\n', 'lint/suspicious/noExplicitAny'],
  ['packages/a/src/bang.ts', 'export const x = (y?: string) => y!.length;\n', 'lint/style/noNonNullAssertion'],
  ['packages/a/src/console.ts', "console.log('x');\n", 'lint/suspicious/noConsole'],
  ['packages/a/src/main.ts', "console.log('x');\n", null],
  ['packages/a/src/default.ts', 'export default 1;\n', 'lint/style/noDefaultExport'],
  ['packages/a/src/enum.ts', 'export enum X {\n  A = 1,\n}\n', 'lint/style/noEnum'],
  ['packages/a/src/extension.ts', "import './clean';\n", 'lint/correctness/useImportExtensions'],
  ['packages/a/src/protocol.ts', "import 'fs';\n", 'lint/style/useNodejsImportProtocol'],
  ['packages/a/src/deep.ts', "import '@countersign/runtime/src/log.ts';\n", 'lint/style/noRestrictedImports'],
  ['packages/a/src/unused.ts', "import { x } from './clean.ts';\n", 'lint/correctness/noUnusedImports'],
  [
    'packages/a/src/types.ts',
    "import { x } from './clean.ts';\n\nexport type X = typeof x;\n",
    'lint/style/useImportType',
  ],
  ['services/api/src/types.ts', "import { x } from './clean.ts';\n\nexport type X = typeof x;\n", null],
  ['packages/a/src/circle-a.ts', "import './circle-b.ts';\n", 'lint/suspicious/noImportCycles'],
  ['packages/a/src/circle-b.ts', "import './circle-a.ts';\n", 'lint/suspicious/noImportCycles'],
  [
    'packages/a/src/floating.ts',
    'export function x(): void {\n  Promise.resolve().then(() => 1);\n}\n',
    'lint/nursery/noFloatingPromises',
  ],
  ['packages/a/src/skip.test.ts', "test.skip('x', () => undefined);\n", 'lint/suspicious/noSkippedTests'],
  ['packages/a/src/only.test.ts', "test.only('x', () => undefined);\n", 'lint/suspicious/noFocusedTests'],
  ['packages/a/src/throw.ts', "export function x(): never {\n  throw 'x';\n}\n", 'lint/style/useThrowOnlyError'],
  ['packages/a/src/format.ts', 'export const x = "double";\n', 'format'],
  ['packages/a/src/clean.ts', 'export const x = 1;\n', null],
  ['services/api/src/clean.ts', 'export const x = 1;\n', null],
];

let root: string;
let found: ReadonlyMap<string, string[]>;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'countersign-lint-'));
  const config = JSON.parse(readFileSync(join(repository, 'biome.json'), 'utf8'));
  const files = [
    ['biome.json', JSON.stringify({ ...config, vcs: { enabled: false } })] as const,
    ['package.json', JSON.stringify({ type: 'module' })] as const,
    ...PLANTS,
  ];
  for (const [file, text] of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  found = lint();
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The rules that were broken, by file. */
function lint(): Map<string, string[]> {
  const args = ['ci', '--reporter=json', '--max-diagnostics=200', 'packages', 'services'];
  const biome = join(repository, 'node_modules/.bin/biome');
  // It fails, as it should; what it says is on standard output all the same.
  const output = execFileSync('/bin/sh', ['-c', `"$0" "$@" 2>/dev/null || true`, biome, ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  const report: { diagnostics: { category: string; location: { path: string } }[] } = JSON.parse(
    output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1),
  );
  const byFile = new Map<string, string[]>();
  for (const { category, location } of report.diagnostics) {
    byFile.set(location.path, [...(byFile.get(location.path) ?? []), category]);
  }
  return byFile;
}

test.each(PLANTS)('%s', (file, _, rule) => {
  const rules = found.get(file) ?? [];
  if (rule === null) expect(rules).toEqual([]);
  else expect(rules).toContain(rule);
});
