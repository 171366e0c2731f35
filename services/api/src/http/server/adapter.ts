import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AppContext } from '../../app/context.ts';
import { createAccessHook } from '../access/access-hook.ts';
import { createAuditHook } from '../audit/audit-hook.ts';
import { createHttpMetrics } from '../ops/http-metrics.ts';
import { setProblem } from '../problem/set-problem.ts';
import { requestIdOf } from '../request-id.ts';
import { newTrace } from '../request-trace.ts';
import { createAccessLog } from './access-log.ts';
import { answerClientError } from './client-error.ts';
import { hangUpWhileClosing } from './hang-up.ts';
import { pathRefusal } from './path-refusal.ts';
import { collectRoutes, type RouteTable } from './route-table.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

const BODY_LIMIT = 64 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;

/** Fastify with everything that holds for each request, whatever its route. */
export function createAdapter(context: AppContext): {
  adapter: FastifyAdapter;
  server: FastifyInstance;
  routes: RouteTable;
} {
  const { pool, log, metrics } = context;
  const audit = createAuditHook(pool, log);
  const adapter = new FastifyAdapter({
    genReqId: requestIdOf,
    requestIdHeader: false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // While it shuts down, a request that got in is answered.
    return503OnClosing: false,
    skipMiddie: true,
    multipart: false,
    clientErrorHandler: answerClientError,
    // Such a request reaches no hook.
    frameworkErrors: async (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      begin(request, reply);
      const problem = setProblem(request, reply, pathRefusal(error));
      reply.send(await audit(request, reply, problem));
    },
  });
  const server: FastifyInstance = adapter.getInstance();
  const routes = collectRoutes(server);
  // JSON is all that is read.
  server.removeContentTypeParser('text/plain');
  server.decorateRequest('trace');
  server.addHook('onRequest', async (request, reply) => begin(request, reply));
  server.addHook('onRequest', createAccessHook(pool, routes));
  server.addHook('onSend', audit);
  hangUpWhileClosing(server);
  server.addHook('onResponse', createHttpMetrics(metrics));
  server.addHook('onResponse', createAccessLog(log));
  return { adapter, server, routes };
}

function begin(request: FastifyRequest, reply: FastifyReply): void {
  request.trace = newTrace();
  reply.headers({ ...SECURITY_HEADERS, 'x-request-id': request.id });
}
