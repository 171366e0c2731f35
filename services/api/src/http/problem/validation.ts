import { CountersignError, type Reason } from '@countersign/contract/errors';
import type { z } from 'zod';

/** A bad field, as the caller sees it. */
export interface FieldError extends Reason {
  readonly field: string;
}

export function validationFailed(errors: readonly FieldError[]): CountersignError {
  const fields = [...new Set(errors.map(({ field }) => field))];
  const named = fields.slice(0, 5).join(', ') + (fields.length > 5 ? ', …' : '');
  return new CountersignError('VALIDATION_FAILED', `Not valid: ${named}`, { reasons: errors });
}

// Of a field that the caller made up.
const LONGEST_NAME = 64;

/**
 * Each mistake that zod found, by the field it is in; `root` names the input as a whole. A check of our own gives its
 * code as `params: { code }`.
 */
export function fieldErrors(error: z.ZodError, input: unknown, root: string): FieldError[] {
  return error.issues.flatMap((issue): FieldError[] => {
    const field = issue.path.join('.') || root;
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        field: [...issue.path, key.slice(0, LONGEST_NAME)].join('.'),
        code: 'UNKNOWN_FIELD',
        message: 'expected no such field',
      }));
    }
    if (issue.code === 'invalid_key') {
      return issue.issues.map((inner) => ({ field, code: codeOf(inner), message: `name: ${inner.message}` }));
    }
    const missing = issue.path.length > 0 && valueAt(input, issue.path) === undefined;
    if (missing) return [{ field, code: 'REQUIRED', message: 'expected a value' }];
    return [{ field, code: codeOf(issue), message: issue.message }];
  });
}

function codeOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return 'INVALID_TYPE';
    case 'too_small':
      return issue.origin === 'string' ? 'TOO_SHORT' : 'TOO_SMALL';
    case 'too_big':
      return issue.origin === 'string' ? 'TOO_LONG' : 'TOO_BIG';
    case 'invalid_format':
      return 'INVALID_FORMAT';
    case 'custom': {
      const { code = 'INVALID_VALUE' } = issue.params ?? {};
      return String(code);
    }
    default:
      return 'INVALID_VALUE';
  }
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}
