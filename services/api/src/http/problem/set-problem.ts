import type { CountersignError } from '@countersign/contract/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemOf } from './problem.ts';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** Makes the answer a problem and notes the failure for the audit event; returns the body. */
export function setProblem(request: FastifyRequest, reply: FastifyReply, error: CountersignError): string {
  request.trace.failure = { code: error.code, message: error.message };
  const problem = problemOf(error, request.id);
  reply.code(problem.status).header('content-type', PROBLEM_TYPE).removeHeader('content-length');
  if (error.code === 'UNAUTHORIZED') reply.header('www-authenticate', 'Bearer realm="countersign"');
  if (error.code === 'FORBIDDEN') reply.header('www-authenticate', 'Bearer error="insufficient_scope"');
  if (error.retryable) reply.header('retry-after', '1');
  return JSON.stringify(problem);
}
