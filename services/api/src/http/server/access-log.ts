import type { Logger } from '@countersign/runtime/log';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isPublic } from '../access/route-access.ts';

/** One line for each answer, by route and not by path; probes and pages without a key only at level debug. */
export function createAccessLog(log: Logger) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { trace } = request;
    const level = isPublic(request) ? 'debug' : 'info';
    log[level](
      {
        requestId: request.id,
        method: request.method,
        route: request.is404 ? undefined : request.routeOptions.url,
        status: reply.statusCode,
        code: trace.failure?.code,
        caller: trace.caller.type === 'ApiKey' ? trace.caller.id : undefined,
        milliseconds: Math.round(reply.elapsedTime * 10) / 10,
      },
      'request',
    );
  };
}
