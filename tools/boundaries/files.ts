import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SOURCE_FOLDERS } from '../boundaries-rules.ts';

const SKIPPED = new Set(['node_modules', 'dist', 'coverage']);
const SOURCE = /\.(ts|mts|cts|js|mjs|cjs)$/;

/** Every source file of a repository: in its root and below its source folders, as sorted paths relative to it. */
export function findSourceFiles(root: string): string[] {
  const own = readdirSync(root).filter((name) => SOURCE.test(name));
  return [...own, ...SOURCE_FOLDERS.flatMap((folder) => walk(root, folder))].sort();
}

function walk(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : walk(root, path);
    return SOURCE.test(entry.name) ? [path] : [];
  });
}
