import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** The folder that holds it. */
  readonly path: string;
}

/** Where pnpm keeps the packages of a folder that `pnpm deploy` made. */
export const storeOf = (folder: string): string => join(folder, 'node_modules/.pnpm');

/** Every package that lies in the folder, once for each version. */
export function packagesIn(folder: string): InstalledPackage[] {
  const store = storeOf(folder);
  const entries = readdirSync(store).filter((entry) => existsSync(join(store, entry, 'node_modules')));
  return entries.flatMap((entry) => foldersIn(join(store, entry, 'node_modules')).map(readPackage));
}

/** The links beside them are packages of other entries. */
function foldersIn(modules: string): string[] {
  const paths = readdirSync(modules).flatMap((name) => {
    const path = join(modules, name);
    return name.startsWith('@') ? readdirSync(path).map((inner) => join(path, inner)) : [path];
  });
  return paths.filter((path) => lstatSync(path).isDirectory() && existsSync(join(path, 'package.json')));
}

function readPackage(path: string): InstalledPackage {
  const { name, version }: { name?: unknown; version?: unknown } = JSON.parse(
    readFileSync(join(path, 'package.json'), 'utf8'),
  );
  if (typeof name !== 'string' || typeof version !== 'string') throw new Error(`${path}: a package without a name`);
  return { name, version, path };
}
