import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';

/**
 * Copies the build context as `COPY . .` does: without what .dockerignore names. Of its syntax: a pattern a line, from the
 * root of the context, `**` for any folders.
 */
export function copyContext(root: string, to: string): void {
  const patterns = readFileSync(join(root, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const isIgnored = (path: string) => patterns.some((pattern) => matchesGlob(path, pattern));
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (isIgnored(path)) continue;
      if (entry.isDirectory()) visit(path);
      else cpSync(join(root, path), join(to, path));
    }
  };
  visit('');
}
