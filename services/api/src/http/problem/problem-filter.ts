import { ERROR_TABLE } from '@countersign/contract/errors';
import type { Logger } from '@countersign/runtime/log';
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { setProblem } from './set-problem.ts';
import { toCountersignError } from './translate.ts';

/** Answers everything that is thrown, by a route, a hook or Fastify itself, as a problem. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const error = toCountersignError(thrown);
    if (ERROR_TABLE[error.code].http >= 500) {
      // What recovers by itself is a warning, with what was found missing; anything else is a bug.
      const { code, reasons, cause } = error;
      const level = error.retryable ? 'warn' : 'error';
      this.#log[level]({ requestId: request.id, code, reasons, err: cause }, 'request failed');
    }
    reply.send(setProblem(request, reply, error));
  }
}
