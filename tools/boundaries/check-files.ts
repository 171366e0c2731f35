import { isTestCode, PURE } from '../boundaries-rules.ts';
import { type ImportGraph, packageNameOf, type SourceFile } from './graph.ts';
import { fileIsIn, folderOf } from './targets.ts';
import type { WorkspacePackage } from './workspace.ts';

/** Rules about one file and what it imports directly. */
export function checkFiles(
  graph: ImportGraph,
  workspace: readonly WorkspacePackage[],
  rootDevDependencies: ReadonlySet<string>,
): string[] {
  return [...graph.values()].flatMap((file) => {
    const owner = workspace.find(({ folder }) => folder === folderOf(file.path));
    return [...checkImports(file), ...checkDeclared(file, owner, rootDevDependencies), ...checkPure(file)];
  });
}

function checkImports({ path, imports, source }: SourceFile): string[] {
  const problems = imports.flatMap((target) => {
    if (target.kind === 'nowhere') return [`${path} → ${target.name}: ${target.problem}`];
    if (target.kind === 'outside') return [];
    if (target.name.startsWith('.') && folderOf(target.file) !== folderOf(path)) {
      return [`${path} → ${target.file}: import another package by a name of its exports`];
    }
    if (isTestCode(target.file) && !isTestCode(path))
      return [`${path} → ${target.file}: what ships imports no test code`];
    return [];
  });
  // Nothing can be said about an import whose name is made at run time. The development parts never ship.
  if (source.unnamedImports > 0 && !fileIsIn(path, ['packages/dev']))
    problems.push(`${path}: an import without a literal name`);
  return problems;
}

/** Tests may use devDependencies, of their own package or of the root; what ships may not. */
function checkDeclared(
  file: SourceFile,
  owner: WorkspacePackage | undefined,
  rootDevDependencies: ReadonlySet<string>,
): string[] {
  const isTest = isTestCode(file.path);
  return file.imports.flatMap((target) => {
    if (target.kind === 'nowhere' || target.name.startsWith('.') || target.name.startsWith('node:')) return [];
    const name = packageNameOf(target.name);
    if (name === owner?.name || owner?.dependencies.has(name)) return [];
    if (isTest && (owner?.devDependencies.has(name) || rootDevDependencies.has(name))) return [];
    const where = isTest ? 'dependencies or devDependencies' : 'dependencies';
    return [`${file.path} → ${target.name}: not among the ${where} of ${owner?.folder ?? 'the root'}`];
  });
}

function checkPure({ path, source }: SourceFile): string[] {
  if (!fileIsIn(path, PURE) || isTestCode(path)) return [];
  return [...source.impurities].map((name) => `${path} uses ${name}: pure: no I/O, no clock, no chance`);
}

/** A name in an exports map that no other package imports is a door that leads nowhere. */
export function checkFaces(graph: ImportGraph, workspace: readonly WorkspacePackage[]): string[] {
  const used = new Set<string>();
  for (const { path, imports } of graph.values()) {
    for (const target of imports) {
      if (target.kind === 'file' && folderOf(path) !== folderOf(target.file)) used.add(target.name);
    }
  }
  return workspace.flatMap(({ folder, exports }) =>
    [...exports.keys()]
      .filter((name) => !used.has(name))
      .map((name) => `${folder}/package.json: nobody imports ${name}`),
  );
}
