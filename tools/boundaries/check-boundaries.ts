import { REACH_RULES } from '../boundaries-rules.ts';
import { checkFileCircles, checkPackageCircles } from './check-circles.ts';
import { checkFaces, checkFiles } from './check-files.ts';
import { checkInstalled, checkReferences } from './check-installed.ts';
import { checkReach } from './check-reach.ts';
import { findSourceFiles } from './files.ts';
import { readGraph } from './graph.ts';
import { readManifest, readWorkspace } from './workspace.ts';

export interface BoundaryReport {
  /** How many source files were read. */
  readonly files: number;
  /** How many imports were followed. */
  readonly imports: number;
  /** One line each. */
  readonly violations: readonly string[];
}

/** Holds a repository to tools/boundaries-rules.ts. */
export function checkBoundaries(root: string): BoundaryReport {
  const files = findSourceFiles(root);
  const workspace = readWorkspace(root);
  const graph = readGraph(root, files, workspace);
  const rootDevDependencies = new Set(Object.keys(readManifest(root).devDependencies ?? {}));
  return {
    files: files.length,
    imports: [...graph.values()].reduce((sum, file) => sum + file.imports.length, 0),
    violations: [
      ...checkFiles(graph, workspace, rootDevDependencies),
      ...checkFaces(graph, workspace),
      ...REACH_RULES.flatMap((rule) => checkReach(graph, rule)),
      ...checkFileCircles(graph),
      ...checkPackageCircles(workspace),
      ...checkInstalled(root, workspace),
      ...checkReferences(workspace),
    ],
  };
}
