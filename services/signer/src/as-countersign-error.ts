import { CountersignError } from '@countersign/contract/errors';

/** The error for the caller: itself, or INTERNAL with a fixed text around whatever nobody expected. */
export function asCountersignError(error: unknown): CountersignError {
  if (error instanceof CountersignError) return error;
  return new CountersignError('INTERNAL', 'internal error', { cause: error });
}
