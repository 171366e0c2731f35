import { CountersignError, ERROR_TABLE, type ErrorCode, type Reason } from '@countersign/contract/errors';
import { problemOf } from '../problem/problem.ts';
import { refTo, type SchemaName } from './schemas.ts';

const REQUEST_ID = { 'x-request-id': { $ref: '#/components/headers/RequestId' } };

/** An answer with a JSON body of a named schema. */
export function jsonResponse(description: string, schema: SchemaName, headers: Record<string, unknown> = {}) {
  return {
    description,
    headers: { ...REQUEST_ID, ...headers },
    content: { 'application/json': { schema: refTo(schema) } },
  };
}

/** An answer with a body of another media type. */
export function textResponse(description: string, mediaType: string) {
  return { description, headers: REQUEST_ID, content: { [mediaType]: { schema: { type: 'string' } } } };
}

/** The problems with these codes, by status, each code with an example. */
export function problemResponses(...codes: ErrorCode[]) {
  const byStatus = Map.groupBy(codes, (code) => ERROR_TABLE[code].http);
  return Object.fromEntries([...byStatus].map(([status, ofStatus]) => [String(status), problemResponse(ofStatus)]));
}

function problemResponse(codes: readonly ErrorCode[]) {
  const examples = codes.map((code) => [
    code,
    { value: problemOf(exampleOf(code), 'rq_019ab3c4d5e6f708192a3b4c5d6e7f80') },
  ]);
  return {
    description: codes.map((code) => `\`${code}\`: ${ERROR_TABLE[code].title}.`).join(' '),
    headers: {
      ...REQUEST_ID,
      ...(codes.some((code) => ERROR_TABLE[code].retryable) && {
        'retry-after': { $ref: '#/components/headers/RetryAfter' },
      }),
      ...(codes.some((code) => code === 'UNAUTHORIZED' || code === 'FORBIDDEN') && {
        'www-authenticate': { $ref: '#/components/headers/WwwAuthenticate' },
      }),
    },
    content: { 'application/problem+json': { schema: refTo('Problem'), examples: Object.fromEntries(examples) } },
  };
}

const REASONS: Partial<Record<ErrorCode, readonly Reason[]>> = {
  VALIDATION_FAILED: [
    { field: 'amount', code: 'AMOUNT_TOO_PRECISE', message: 'expected at most 7 fraction digits, got 8' },
  ],
};

function exampleOf(code: ErrorCode): CountersignError {
  return new CountersignError(code, ERROR_TABLE[code].title, { reasons: REASONS[code] ?? [] });
}
