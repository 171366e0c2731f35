import { registerHooks } from 'node:module';
import { join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { SignerCode } from '../replicas.ts';
import { checkPatches, type Patch, patched, ROOT } from './patch.ts';

const GRAPH = 'graph';
/** A module of the workspace, as source or built: the folder of its package, and its path in there. */
const MODULE = /^((?:packages|services)\/[^/]+)\/(?:src|dist)\/(.+)\.(?:ts|js)$/;

/** The graph that an import of this file begins. */
let opening: string | undefined;
/** The patches of each graph of modules, and which of them were loaded. */
const graphs = new Map<string, { readonly patches: readonly Patch[]; readonly loaded: Set<Patch> }>();

// A graph is all modules of the workspace whose address names it; a module hands its graph on to whatever it imports. They are
// what was built, but for the patched ones, which are their sources. What is not of the workspace is shared by all.
registerHooks({
  resolve: (specifier, context, nextResolve) => {
    const resolved = nextResolve(specifier, context);
    const graph = context.parentURL === import.meta.url ? opening : graphOf(context.parentURL);
    const module = graph === undefined ? null : MODULE.exec(fileOf(resolved.url));
    if (graph === undefined || module === null) return resolved;
    const [, folder = '', path = ''] = module;
    const source = `${folder}/src/${path}.ts`;
    const isPatched = graphs.get(graph)?.patches.some(({ file }) => file === source);
    const url = pathToFileURL(join(ROOT, isPatched ? source : `${folder}/dist/${path}.js`));
    url.searchParams.set(GRAPH, graph);
    return { url: url.href, shortCircuit: true };
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

function graphOf(url: string | undefined): string | undefined {
  return url === undefined || !URL.canParse(url) ? undefined : (new URL(url).searchParams.get(GRAPH) ?? undefined);
}

/** From the root of the project; empty for what is no file. */
function fileOf(url: string): string {
  if (!url.startsWith('file:')) return '';
  const { pathname } = new URL(url);
  return relative(ROOT, fileURLToPath(`file://${pathname}`)).replaceAll(sep, '/');
}
