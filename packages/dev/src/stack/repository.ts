import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// This file is as deep in `src` as its compiled form is in `dist`.
const root = dirname(dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))));

/** The compiled entry point of a package or service, for example `('services/api', 'main')`. */
export function compiled(folder: string, entry: string): string {
  return join(root, folder, 'dist', `${entry}.js`);
}
