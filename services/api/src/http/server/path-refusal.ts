import { CountersignError } from '@countersign/contract/errors';
import type { FastifyError } from 'fastify';
import { validationFailed } from '../problem/validation.ts';

/** What is wrong with a path that the router could not even look up. */
export function pathRefusal({ code }: FastifyError): CountersignError {
  // A segment longer than any id.
  if (code === 'FST_ERR_MAX_PARAM_LENGTH') return new CountersignError('NOT_FOUND', 'There is nothing at this path');
  return validationFailed([{ field: 'path', code: 'MALFORMED_PATH', message: 'expected a percent-encoded path' }]);
}
