// Runs Node 24 with the given arguments. The lockfile brings that Node; one that is already ≥ 24 is used as it is.
// This file itself must run on Node 20.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  const { platform, arch } = process;
  const names = [`node-${platform}-${arch}`, `node-bin-${platform}-${arch}`];
  for (const name of names) {
    const candidate = join(root, 'node_modules', name, 'bin', 'node');
    if (existsSync(candidate)) return candidate;
  }
  const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const problem = names.some((name) => name in optionalDependencies)
    ? 'the packaged one is not installed: `npm run setup` installs it'
    : `no packaged Node is known for ${platform}-${arch}`;
  console.error(`Countersign needs Node 24; this is ${process.version}, and ${problem}.`);
  process.exit(1);
}

const node = findNode();
const child = spawn(node, process.argv.slice(2), {
  stdio: 'inherit',
  env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));

// Whoever started this may be killed without a word; then nobody is left to end the child.
const parent = process.ppid;
setInterval(() => process.ppid === parent || child.kill('SIGTERM'), 500).unref();
