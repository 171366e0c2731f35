import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SignerCode } from '../replicas.ts';

/** A change of one source file, from the root of the project. `find` must be in it exactly once. */
export interface Patch {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const root = dirname(dirname(dirname(import.meta.dirname)));
const GRAPH = 'graph';

/** The graph that an import of this file begins. */
let opening: string | undefined;
/** The patches of each graph of modules, and which of them were loaded. */
const graphs = new Map<string, { readonly patches: readonly Patch[]; readonly loaded: Set<Patch> }>();

// A graph is all modules of the workspace whose address names it, from their sources; a module hands its graph on to whatever it
// imports. What is not of the workspace is shared by all, and so is generated code, whose enums Node cannot strip.
registerHooks({
  resolve: (specifier, context, nextResolve) => {
    const graph = context.parentURL === import.meta.url ? opening : graphOf(context.parentURL);
    if (graph === undefined) return nextResolve(specifier, context);
    const conditions = ['@countersign/source', ...context.conditions];
    const resolved = nextResolve(specifier, { ...context, conditions });
    if (!isOfWorkspace(resolved.url)) return resolved;
    if (resolved.url.includes('/src/gen/')) {
      const url = resolved.url.replace('/src/gen/', '/dist/gen/').replace(/\.ts$/, '.js');
      return { ...resolved, url, format: 'module' };
    }
    const url = new URL(resolved.url);
    url.searchParams.set(GRAPH, graph);
    return { ...resolved, url: url.href };
  },
  load: (url, context, nextLoad) => {
    const loaded = nextLoad(url, context);
    const graph = graphs.get(graphOf(url) ?? '');
    if (graph === undefined) return loaded;
    const file = fileOf(url);
    const patches = graph.patches.filter((patch) => patch.file === file);
    for (const patch of patches) graph.loaded.add(patch);
    const { source } = loaded;
    if (patches.length === 0 || source === undefined || source === null) return loaded;
    const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
    return { ...loaded, source: patches.reduce(patched, text) };
  },
});

/** Throws unless each patch finds its place, once. */
export function checkPatches(patches: readonly Patch[]): void {
  for (const patch of patches) patched(readFileSync(join(root, patch.file), 'utf8'), patch);
}

/** The signer with patches in its source, as modules of their own. */
export async function loadPatched(name: string, patches: readonly Patch[]): Promise<SignerCode> {
  checkPatches(patches);
  const graph = { patches, loaded: new Set<Patch>() };
  graphs.set(name, graph);
  opening = name;
  const code = {
    ...(await import('@countersign/signer/create-signer')),
    ...(await import('@countersign/signer/config')),
  };
  const { readEnv } = await import('@countersign/signer/env');
  opening = undefined;
  const unused = patches.filter((patch) => !graph.loaded.has(patch)).map(({ file }) => file);
  if (unused.length > 0) throw new Error(`the signer does not load ${unused.join(', ')}`);
  return { ...code, readEnv };
}

function patched(source: string, { file, find, replace }: Patch): string {
  const [before, after, ...more] = source.split(find);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`${file}: expected exactly once: ${find}`);
  }
  return `${before}${replace}${after}`;
}

function graphOf(url: string | undefined): string | undefined {
  return url === undefined || !URL.canParse(url) ? undefined : (new URL(url).searchParams.get(GRAPH) ?? undefined);
}

function isOfWorkspace(url: string): boolean {
  return url.startsWith('file:') && !fileOf(url).startsWith('..') && !fileOf(url).split('/').includes('node_modules');
}

function fileOf(url: string): string {
  const { pathname } = new URL(url);
  return relative(root, fileURLToPath(`file://${pathname}`)).replaceAll(sep, '/');
}
