import type { Target } from '../boundaries-rules.ts';
import { packageNameOf } from './graph.ts';

/** The folder of the package that a file belongs to: `packages/chains/src/caip.ts` → `packages/chains`; the root's is `.`. */
export function folderOf(file: string): string {
  const [kind = '', name = ''] = file.split('/');
  if (kind === 'packages' || kind === 'services') return `${kind}/${name}`;
  return kind === 'test' ? kind : '.';
}

export function fileIsIn(file: string, targets: readonly Target[]): boolean {
  const folder = folderOf(file);
  return targets.some((target) => target === folder || target === `${folder.split('/', 1)[0]}/*`);
}

/** Whether an import name of npm or of Node is meant by one of the targets. */
export function nameIsIn(importName: string, targets: readonly Target[]): boolean {
  const name = packageNameOf(importName);
  return targets.some(
    (target) =>
      target === name ||
      (target.endsWith('/*') && target.startsWith('@') && name.startsWith(target.slice(0, -1))) ||
      (target === 'node:*' && importName.startsWith('node:')),
  );
}
