import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { REACH_RULES } from '../boundaries-rules.ts';
import { fileIsIn, folderOf, nameIsIn } from './targets.ts';
import { productionDependencies, readManifest, type WorkspacePackage } from './workspace.ts';

/** Holds what package.json files pull in, workspace and npm alike, to the rules that say so. */
export function checkInstalled(root: string, workspace: readonly WorkspacePackage[]): string[] {
  const folders = new Map(workspace.map(({ name, folder }) => [name, folder]));
  return REACH_RULES.filter(({ alsoInstalled }) => alsoInstalled).flatMap((rule) =>
    workspace
      .filter(({ folder }) => fileIsIn(`${folder}/package.json`, rule.from))
      .flatMap(({ folder }) => {
        const found: string[] = [];
        walk(join(root, folder), [folder], new Set(), (name, way) => {
          const target = folders.get(name);
          const bad = target === undefined ? nameIsIn(name, rule.never) : fileIsIn(`${target}/x`, rule.never);
          if (bad) found.push(`${way.join(' → ')} (package.json): ${rule.why}`);
          return !bad;
        });
        return found;
      }),
  );
}

/** Visits every package below `folder` once; `look` says whether to go on below it. */
function walk(
  folder: string,
  way: readonly string[],
  seen: Set<string>,
  look: (name: string, way: readonly string[]) => boolean,
): void {
  for (const name of productionDependencies(readManifest(folder))) {
    const place = findInstalled(folder, name);
    const key = place ?? name;
    if (seen.has(key)) continue;
    seen.add(key);
    if (look(name, [...way, name]) && place !== undefined) walk(place, [...way, name], seen, look);
  }
}

/** As Node looks: in `node_modules` beside the package, and in every folder above. Optional ones may be missing. */
function findInstalled(folder: string, name: string): string | undefined {
  for (let place = folder; ; place = dirname(place)) {
    const candidate = join(place, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate);
    if (place === dirname(place)) return undefined;
  }
}

/** A package's tsconfig.json references exactly the workspace packages that it needs to run, so that `tsc -b` builds them first. */
export function checkReferences(workspace: readonly WorkspacePackage[]): string[] {
  const folders = new Map(workspace.map(({ name, folder }) => [name, folder]));
  return workspace
    .filter(({ folder }) => folderOf(folder) !== 'test')
    .flatMap(({ folder, dependencies, references }) => {
      const needed = new Set([...dependencies].flatMap((name) => folders.get(name) ?? []));
      const lacking = [...needed].filter((other) => !references.has(other));
      const idle = [...references].filter((other) => !needed.has(other));
      return [
        ...lacking.map((other) => `${folder}/tsconfig.json: references lack ${other}`),
        ...idle.map((other) => `${folder}/tsconfig.json: ${other} is not a dependency`),
      ];
    });
}
