import { type CountersignError, ERROR_TABLE } from '@countersign/contract/errors';
import { z } from 'zod';

// So that an answer never grows with the number of mistakes in a request.
const MAX_ERRORS = 100;

export const fieldErrorSchema = z
  .object({
    field: z.string().meta({ description: 'Dotted path in the body, or the name of the parameter or header.' }),
    code: z.string().meta({ description: 'Stable, upper snake case.' }),
    message: z.string().meta({ description: 'What was expected. For people; it may change.' }),
  })
  .meta({ id: 'FieldError' });

/** An error answer: RFC 9457 with our own members `code`, `request_id`, `retryable` and `errors`. */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: 'A URN made of the code.' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().meta({ description: 'Stable, upper snake case. Decide by this one.' }),
    retryable: z.boolean().meta({ description: 'True when the same request may succeed later.' }),
    request_id: z.string().meta({ description: 'Also in the x-request-id header and in the audit log.' }),
    errors: z.array(fieldErrorSchema).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details.' });

export type Problem = z.output<typeof problemSchema>;

/** Writes an error as a problem. The cause stays behind. */
export function problemOf(error: CountersignError, requestId: string): Problem {
  const { http, title } = ERROR_TABLE[error.code];
  return {
    type: `urn:countersign:problem:${error.code.toLowerCase().replaceAll('_', '-')}`,
    title,
    status: http,
    detail: error.message,
    code: error.code,
    retryable: error.retryable,
    request_id: requestId,
    ...(error.reasons.length > 0 && {
      errors: error.reasons
        .slice(0, MAX_ERRORS)
        .map(({ field, code, message }) => ({ field: field ?? '', code, message })),
    }),
  };
}
