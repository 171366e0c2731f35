import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A change of one source file, from the root of the project. `find` must be in it exactly once. */
export interface Patch {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export const ROOT = join(import.meta.dirname, '../../..');

/** @throws Error where the text to be found is not there, or more than once. */
export function patched(source: string, { file, find, replace }: Patch): string {
  const [before, after, ...more] = source.split(find);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`${file}: expected exactly once: ${find}`);
  }
  return `${before}${replace}${after}`;
}

/** @throws Error unless each patch finds its place. */
export function checkPatches(patches: readonly Patch[]): void {
  for (const patch of patches) patched(readFileSync(join(ROOT, patch.file), 'utf8'), patch);
}
