import type { Logger } from '@countersign/runtime/log';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Pool } from 'pg';
import { isPublic } from '../access/route-access.ts';
import { setProblem } from '../problem/set-problem.ts';
import { unavailable } from '../problem/translate.ts';
import { apiEvent } from './api-event.ts';
import { recordEvent } from './record.ts';

const HEADERS_OF_ANSWERS = ['allow', 'idempotency-replayed', 'location', 'www-authenticate'];

/**
 * Records each request that has not been recorded with its own work, just before it is answered. Where the event cannot
 * be written the answer is withheld and becomes 503: nothing is read or refused without a trace.
 */
export function createAuditHook(pool: Pool, log: Logger) {
  return async (request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> => {
    if (request.trace.recorded || isPublic(request)) return payload;
    try {
      await recordEvent(pool, apiEvent(request));
      request.trace.recorded = true;
      return payload;
    } catch (error) {
      log.error({ err: error, requestId: request.id }, 'audit event not written');
      for (const name of HEADERS_OF_ANSWERS) reply.removeHeader(name);
      return setProblem(request, reply, unavailable(error));
    }
  };
}
