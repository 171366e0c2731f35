import { describe, expect, test } from '@jest/globals';
import { type FastifyInstance, fastify } from 'fastify';
import { collectRoutes } from './route-table.ts';

const handler = async () => 'x';

describe('the route table', () => {
  const serverWith = (register: (server: FastifyInstance) => void) => {
    const server = fastify();
    const routes = collectRoutes(server);
    register(server);
    return { server, routes };
  };

  test('keeps a server from starting with a route that does not say who may call it', async () => {
    const { server } = serverWith((s) => s.get('/open', handler));
    await expect(server.ready()).rejects.toThrow('the route GET /open declares no access');
  });

  test('knows the methods of a path', () => {
    const config = { access: 'public' } as const;
    const { routes } = serverWith((server) => {
      server.get('/a/:id', { config }, handler);
      server.route({ method: ['PUT', 'POST'], url: '/a/:id', config, handler });
      server.get('/files/*', { config }, handler);
      server.get('/a.b', { config }, handler);
    });
    expect(routes.methodsOf('/a/1')).toEqual(['GET', 'HEAD', 'PUT', 'POST']);
    expect(routes.methodsOf('/files/x/y')).toEqual(['GET', 'HEAD']);
    for (const path of ['/a', '/a/', '/a/1/2', '/b/a/1', '/aXb', '/files']) expect(routes.methodsOf(path)).toEqual([]);
    expect(routes.list()).toEqual(['GET /a/:id', 'PUT /a/:id', 'POST /a/:id', 'GET /files/*', 'GET /a.b']);
  });
});
