import type { ImportGraph } from './graph.ts';
import type { WorkspacePackage } from './workspace.ts';

/** Circles among files, by any kind of import. */
export function checkFileCircles(graph: ImportGraph): string[] {
  return findCircles([...graph.keys()], (file) =>
    (graph.get(file)?.imports ?? []).flatMap((target) => (target.kind === 'file' ? [target.file] : [])),
  );
}

/** Circles among packages, by what each needs to run. */
export function checkPackageCircles(workspace: readonly WorkspacePackage[]): string[] {
  const byName = new Map(workspace.map((item) => [item.name, item]));
  return findCircles([...byName.keys()], (name) =>
    [...(byName.get(name)?.dependencies ?? [])].filter((dependency) => byName.has(dependency)),
  );
}

/** One line a circle: depth first, an edge to a node that is still open closes one. */
function findCircles(nodes: readonly string[], next: (node: string) => readonly string[]): string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const open: string[] = [];
  const walk = (node: string): void => {
    if (done.has(node)) return;
    const start = open.indexOf(node);
    if (start >= 0) {
      circles.push(`${[...open.slice(start), node].join(' → ')}: a circle`);
      return;
    }
    open.push(node);
    for (const target of next(node)) walk(target);
    open.pop();
    done.add(node);
  };
  for (const node of nodes) walk(node);
  return circles;
}
