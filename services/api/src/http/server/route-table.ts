import type { FastifyInstance, RouteOptions } from 'fastify';

/** The routes that exist, to tell an unknown path from a known one that was asked with another method. */
export interface RouteTable {
  /** Each route as `GET /v1/payouts/:id`, without the HEAD that comes with every GET. */
  list(): readonly string[];
  /** The methods that some route has for this path; empty for an unknown path. */
  methodsOf(path: string): readonly string[];
}

interface Route {
  readonly method: string;
  readonly url: string;
  readonly pattern: RegExp;
  readonly options: Pick<RouteOptions, 'config'>;
}

/** Collects every route registered on the server from now on; one that does not say who may call it stops the start. */
export function collectRoutes(server: FastifyInstance): RouteTable {
  const routes: Route[] = [];
  server.addHook('onRoute', (options) => {
    const { url } = options;
    for (const method of [options.method].flat()) routes.push({ method, url, pattern: patternOf(url), options });
  });
  server.addHook('onReady', async () => {
    const open = routes.find(({ options }) => options.config?.access === undefined);
    if (open !== undefined) throw new Error(`the route ${open.method} ${open.url} declares no access`);
  });
  return {
    list: () => routes.filter(({ method }) => method !== 'HEAD').map(({ method, url }) => `${method} ${url}`),
    methodsOf: (path) => [...new Set(routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))],
  };
}

// `:name` is one segment, a closing `*` anything.
function patternOf(url: string): RegExp {
  const source = url
    .replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll(/:[A-Za-z]+/g, '[^/]+')
    .replace(/\*$/, '.*');
  return new RegExp(`^${source}$`);
}
