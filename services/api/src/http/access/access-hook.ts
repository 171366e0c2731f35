import { CountersignError } from '@countersign/contract/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Pool } from 'pg';
import type { RouteTable } from '../server/route-table.ts';
import { findCaller, unauthorized } from './authenticate.ts';

/**
 * Decides, before a body is read, whether a request may reach its route. It goes by the route that was matched, not by
 * the path, so that no spelling of a path leads around it.
 */
export function createAccessHook(pool: Pool, routes: RouteTable) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (request.is404) throw notRouted(request, reply, routes);
    const { access } = request.routeOptions.config;
    if (access === 'public') return;
    const caller = await findCaller(pool, request.headers.authorization);
    if (caller !== undefined) request.trace.caller = { type: 'ApiKey', id: caller.id, scopes: caller.scopes };
    if (caller === undefined || caller.revoked) throw unauthorized();
    if (access === undefined || !caller.scopes.includes(access.scope)) {
      throw new CountersignError('FORBIDDEN', `The API key lacks the scope ${access?.scope ?? 'for this route'}`);
    }
  };
}

function notRouted(request: FastifyRequest, reply: FastifyReply, routes: RouteTable): CountersignError {
  const allowed = routes.methodsOf(request.url.replace(/[?#].*$/s, ''));
  if (allowed.length === 0) return new CountersignError('NOT_FOUND', 'There is nothing at this path');
  reply.header('allow', allowed.join(', '));
  return new CountersignError('METHOD_NOT_ALLOWED', `Expected one of ${allowed.join(', ')}`);
}
