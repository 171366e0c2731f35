import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A package of the workspace, by its package.json. */
export interface WorkspacePackage {
  /** `packages/runtime` */
  readonly folder: string;
  /** `@countersign/runtime` */
  readonly name: string;
  /** Import name (`@countersign/runtime/log`) → source file (`packages/runtime/src/log.ts`). */
  readonly exports: ReadonlyMap<string, string>;
  /** What it needs to run. */
  readonly dependencies: ReadonlySet<string>;
  /** What its tests need beside that. */
  readonly devDependencies: ReadonlySet<string>;
  /** Folders that its tsconfig.json references. */
  readonly references: ReadonlySet<string>;
}

export interface Manifest {
  readonly name?: string;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** What a manifest installs where it ships. */
export const productionDependencies = (manifest: Manifest): string[] => [
  ...Object.keys(manifest.dependencies ?? {}),
  ...Object.keys(manifest.optionalDependencies ?? {}),
  ...Object.keys(manifest.peerDependencies ?? {}),
];

export function readWorkspace(root: string): WorkspacePackage[] {
  const manifests = globSync(['packages/*/package.json', 'services/*/package.json', 'test/package.json'], {
    cwd: root,
  });
  return manifests.sort().map((path) => {
    const folder = dirname(path);
    const manifest = readManifest(join(root, folder));
    if (manifest.name === undefined) throw new Error(`${path}: no name`);
    return {
      folder,
      name: manifest.name,
      exports: readExports(manifest.name, folder, manifest),
      dependencies: new Set(productionDependencies(manifest)),
      devDependencies: new Set(Object.keys(manifest.devDependencies ?? {})),
      references: readReferences(root, folder),
    };
  });
}

/** The condition under which a package's exports name its sources; no other package's may match it. */
const SOURCE = '@countersign/source';

function readExports(name: string, folder: string, { exports = {} }: Manifest): Map<string, string> {
  const faces = new Map<string, string>();
  for (const [subpath, target] of Object.entries(exports)) {
    const targets = typeof target === 'object' && target !== null ? Object.entries(target) : [];
    const file = targets.find(([condition]) => condition === SOURCE)?.[1];
    if (typeof file !== 'string') throw new Error(`${folder}/package.json: exports ${subpath} names no "${SOURCE}"`);
    faces.set(join(name, subpath), join(folder, file));
  }
  return faces;
}

function readReferences(root: string, folder: string): Set<string> {
  const path = join(root, folder, 'tsconfig.json');
  if (!existsSync(path)) return new Set();
  const config: { references?: { path: string }[] } = JSON.parse(readFileSync(path, 'utf8'));
  return new Set((config.references ?? []).map((reference) => join(folder, reference.path)));
}
