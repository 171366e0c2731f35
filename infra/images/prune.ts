// `node prune.ts <folder> [--without <package>]…`: leaves of a folder that `pnpm deploy` made what a service needs to run.
//
// Packages that the service's code never reaches go by name (--without), and then whatever only they had wanted. Of the
// packages of this repository stay the compiled code and the migrations, of the others all but types, maps, tests, pages
// and shell wrappers.
import { existsSync, lstatSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { basename, dirname, extname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { packagesIn, storeOf } from './packages-in.ts';

const OWN = '@countersign/';

/** What a package of this repository is made of once it is compiled. */
const OWN_FILES = [/^package\.json$/, /^dist\/.*\.js$/, /^migrations\/.*\.sql$/];

/** Folders directly in a package that are for whoever works on it. */
const ASIDE = new Set([
  'test',
  'tests',
  '__tests__',
  'example',
  'examples',
  'doc',
  'docs',
  'bench',
  'benchmark',
  'coverage',
]);

const ASIDE_EXTENSIONS = new Set([
  '.ts',
  '.mts',
  '.cts',
  '.tsx',
  '.map',
  '.flow',
  '.sh',
  '.cmd',
  '.ps1',
  '.tsbuildinfo',
]);

const PNPM_FILES = ['.bin', '.modules.yaml', '.pnpm-workspace-state-v1.json', '.pnpm/lock.yaml', '.pnpm/node_modules'];

function main(folder: string, without: readonly string[]): void {
  for (const name of without) removePackage(folder, name);
  removeUnreachable(folder);
  for (const own of [
    folder,
    ...packagesIn(folder)
      .filter(({ name }) => name.startsWith(OWN))
      .map(({ path }) => path),
  ]) {
    keepFiles(own, (file) => OWN_FILES.some((pattern) => pattern.test(file)));
  }
  for (const { name, path } of packagesIn(folder)) {
    if (!name.startsWith(OWN)) keepFiles(path, isNeededToRun);
    // Wrappers for a shell.
    rmSync(join(path, 'node_modules/.bin'), { recursive: true, force: true });
  }
  for (const name of PNPM_FILES) rmSync(join(folder, 'node_modules', name), { recursive: true, force: true });
  removeEmptyFolders(folder);
}

/** Removes the links to every version of a package. */
function removePackage(folder: string, name: string): void {
  const store = storeOf(folder);
  const links = [folder, ...readdirSync(store).map((entry) => join(store, entry))].map((at) =>
    join(at, 'node_modules', name),
  );
  const found = links.filter((link) => existsSync(link));
  if (found.length === 0) throw new Error(`--without ${name}: there is no such package in ${folder}`);
  for (const link of found) rmSync(link, { recursive: true });
}

/** Removes what no chain of links leads to from the service. */
function removeUnreachable(folder: string): void {
  const reached = new Set<string>();
  const visit = (modules: string): void => {
    for (const link of linksIn(modules)) {
      const entry = entryOf(folder, realpathSync(link));
      if (reached.has(entry)) continue;
      reached.add(entry);
      visit(join(storeOf(folder), entry, 'node_modules'));
    }
  };
  visit(join(folder, 'node_modules'));
  for (const entry of readdirSync(storeOf(folder))) {
    if (!reached.has(entry)) rmSync(join(storeOf(folder), entry), { recursive: true });
  }
}

function linksIn(modules: string): string[] {
  const names = readdirSync(modules).filter((name) => !name.startsWith('.'));
  return names.flatMap((name) => {
    const path = join(modules, name);
    return name.startsWith('@') ? readdirSync(path).map((inner) => join(path, inner)) : [path];
  });
}

/** The folder of pnpm's store, `<name>@<version>…`, that holds the package at `path`. */
function entryOf(folder: string, path: string): string {
  const [entry = '..'] = relative(realpathSync(storeOf(folder)), path).split('/');
  if (entry === '..') throw new Error(`${path} is outside of the store of ${folder}`);
  return entry;
}

function isNeededToRun(file: string): boolean {
  const [first = ''] = file.split('/');
  const name = basename(file);
  if (first.startsWith('.') || (ASIDE.has(first) && file !== first) || file.includes('.bin/')) return false;
  if (/\.(test|spec)\.[cm]?js$/.test(name) || ASIDE_EXTENSIONS.has(extname(name))) return false;
  return extname(name) !== '.md' || /^(licen[cs]e|notice)/i.test(name);
}

/** Goes through the files of a package, but not into `node_modules`. */
function keepFiles(path: string, isKept: (file: string) => boolean): void {
  const visit = (at: string): void => {
    for (const name of readdirSync(at)) {
      const file = join(at, name);
      if (lstatSync(file).isDirectory()) {
        if (name !== 'node_modules') visit(file);
      } else if (!isKept(relative(path, file))) {
        rmSync(file);
      }
    }
  };
  visit(path);
}

function removeEmptyFolders(at: string): void {
  for (const name of readdirSync(at)) {
    const path = join(at, name);
    if (lstatSync(path).isDirectory()) removeEmptyFolders(path);
  }
  if (readdirSync(at).length === 0 && dirname(at) !== at) rmSync(at, { recursive: true });
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { without: { type: 'string', multiple: true, default: [] } },
});
const [folder] = positionals;
if (folder === undefined) throw new Error('expected the folder that pnpm deploy made');
main(folder, values.without);
