import { CountersignError } from '@countersign/contract/errors';
import { HttpException } from '@nestjs/common';
import { isDatabaseUnavailable } from './database-unavailable.ts';
import { validationFailed } from './validation.ts';

/** Any thrown value as an error that may be shown. What is not known becomes INTERNAL with a fixed message. */
export function toCountersignError(thrown: unknown): CountersignError {
  if (thrown instanceof CountersignError) return thrown;
  if (isDatabaseUnavailable(thrown)) return unavailable(thrown);
  // Nest wraps what Fastify refuses, so that a status says what is wrong.
  return byStatus(thrown instanceof HttpException ? thrown.getStatus() : 500, thrown);
}

export function unavailable(cause: unknown): CountersignError {
  return new CountersignError('UNAVAILABLE', 'The service cannot reach a part that it needs; try again', { cause });
}

function byStatus(status: number, cause: unknown): CountersignError {
  switch (status) {
    case 400:
      return validationFailed([{ field: 'body', code: 'MALFORMED_JSON', message: 'expected a JSON value' }]);
    case 404:
      return new CountersignError('NOT_FOUND', 'There is nothing at this path', { cause });
    case 413:
      return new CountersignError('PAYLOAD_TOO_LARGE', 'The request body is larger than this route accepts', { cause });
    case 415:
      return new CountersignError('UNSUPPORTED_MEDIA_TYPE', 'Expected a body of type application/json', { cause });
    default:
      return new CountersignError('INTERNAL', 'An unexpected error happened', { cause });
  }
}
