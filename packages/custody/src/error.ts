import type { Attempt } from './backend.ts';

/**
 * - `UNAVAILABLE`: the backend did not answer, or not in time; retryable.
 * - `REFUSED`: the backend or this package will not sign that; asking again changes nothing.
 * - `MISCONFIGURED`: keys, flags or credentials are wrong; found at start.
 * - `SIGNATURE_INVALID`: what came back is not a signature of that message by the pinned key.
 */
export type CustodyErrorCode = 'UNAVAILABLE' | 'REFUSED' | 'MISCONFIGURED' | 'SIGNATURE_INVALID';

/** The one error of this package. The message never holds a seed or the value of a variable. */
export class CustodyError extends Error {
  override readonly name = 'CustodyError';
  readonly code: CustodyErrorCode;
  /** True for `UNAVAILABLE` alone. */
  readonly retryable: boolean;
  /** Calls made to the backend before giving up, in order. */
  readonly attempts: readonly Attempt[];

  constructor(
    code: CustodyErrorCode,
    message: string,
    options: { readonly attempts?: readonly Attempt[]; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = code === 'UNAVAILABLE';
    this.attempts = options.attempts ?? [];
  }
}
