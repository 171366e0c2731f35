import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { readSource, type Source } from './read-source.ts';
import type { WorkspacePackage } from './workspace.ts';

/** One import: of a file of the repository, of something outside it, or of nothing that exists. */
export type Import =
  | { readonly kind: 'file'; readonly name: string; readonly file: string }
  /** `name` is the whole import name, Node's own always with `node:`. */
  | { readonly kind: 'outside'; readonly name: string }
  | { readonly kind: 'nowhere'; readonly name: string; readonly problem: string };

export interface SourceFile {
  readonly path: string;
  readonly source: Source;
  readonly imports: readonly Import[];
}

export type ImportGraph = ReadonlyMap<string, SourceFile>;

/** Parses the files and resolves their imports by the workspace's export maps. */
export function readGraph(root: string, files: readonly string[], workspace: readonly WorkspacePackage[]): ImportGraph {
  const known = new Set(files);
  const graph = new Map<string, SourceFile>();
  for (const path of files) {
    const source = readSource(readFileSync(join(root, path), 'utf8'), path);
    const imports = [...source.imports].map((name) => resolve(path, name, known, workspace));
    graph.set(path, { path, source, imports });
  }
  return graph;
}

function resolve(
  from: string,
  name: string,
  files: ReadonlySet<string>,
  workspace: readonly WorkspacePackage[],
): Import {
  if (name.startsWith('.')) {
    const file = join(dirname(from), name);
    return files.has(file) ? { kind: 'file', name, file } : { kind: 'nowhere', name, problem: 'no such file' };
  }
  if (isBuiltin(name)) return { kind: 'outside', name: name.startsWith('node:') ? name : `node:${name}` };
  const owner = workspace.find((candidate) => packageNameOf(name) === candidate.name);
  if (owner === undefined) return { kind: 'outside', name };
  const file = owner.exports.get(name);
  if (file === undefined) return { kind: 'nowhere', name, problem: `not among the exports of ${owner.folder}` };
  return files.has(file) ? { kind: 'file', name, file } : { kind: 'nowhere', name, problem: `${file} does not exist` };
}

/** `@scope/name/sub/path` → `@scope/name` */
export function packageNameOf(importName: string): string {
  return importName.split('/', importName.startsWith('@') ? 2 : 1).join('/');
}
