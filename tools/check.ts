// `npm run check`: everything that can be said about the code without running it. One line a step; where a step fails, its
// output, and exit code 1. `npm run check -- types unused` runs those steps alone.
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkBoundaries } from './boundaries/check-boundaries.ts';
import { compareGenerated } from './compare-generated.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

const STEPS: Readonly<Record<string, () => Promise<Outcome>>> = {
  'format and lint': () => tool('biome', 'ci', '--error-on-warnings', '--max-diagnostics=200', '--colors=off'),
  types: () => both(tool('tsc', '-b'), () => tool('tsc', '-p', 'tsconfig.check.json')),
  boundaries: async () => {
    const { files, imports, violations } = checkBoundaries(root);
    const summary = `${files} files, ${imports} imports, ${violations.length} violations`;
    return { ok: files > 0 && violations.length === 0, output: [...violations, summary].join('\n') };
  },
  'unused code': () => tool('knip', '--no-progress'),
  'proto style': () => tool('buf', 'lint'),
  'proto compatibility': () => tool('buf', 'breaking', '--against', 'proto/baseline.binpb'),
  'generated code': () => compareGenerated(root, (folder) => tool('buf', 'generate', '--output', folder)),
  'configuration page': () =>
    run(process.execPath, ['--conditions=@countersign/source', 'tools/configuration-page.ts', '--check']),
  // On what the step `types` has built: of generated code Node strips no enums.
  'red team page': () => run(process.execPath, ['test/redteam/page/main.ts', '--check']),
};

/** Runs one of the tools that npm installed. */
const tool = (name: string, ...args: string[]): Promise<Outcome> => run(`node_modules/.bin/${name}`, args);

function run(command: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ ok: code === 0, output }));
  });
}

async function both(first: Promise<Outcome>, second: () => Promise<Outcome>): Promise<Outcome> {
  const one = await first;
  const two = await second();
  return { ok: one.ok && two.ok, output: one.output + two.output };
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in STEPS));
if (unknown.length > 0)
  throw new Error(`no such step: ${unknown.join(', ')}; there are ${Object.keys(STEPS).join(', ')}`);

let failed = 0;
for (const [name, step] of Object.entries(STEPS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const start = performance.now();
  const { ok, output } = await step();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (!ok) console.log(output.trimEnd().replaceAll(/^/gm, '    '));
  failed += ok ? 0 : 1;
}
console.log(failed === 0 ? 'check: all good' : `check: ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
