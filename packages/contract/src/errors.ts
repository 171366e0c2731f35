/** Names of gRPC status codes (https://grpc.io/docs/guides/status-codes/) that an error of ours can have. */
export type GrpcStatusName =
  | 'INVALID_ARGUMENT'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'PERMISSION_DENIED'
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'UNAUTHENTICATED'
  | 'UNIMPLEMENTED';

interface ErrorKind {
  readonly grpc: GrpcStatusName;
  readonly http: number;
  /** One short sentence for people; it never changes with the occasion (RFC 9457, `title`). */
  readonly title: string;
  /** Whether the same request may succeed later, where the thrower does not say otherwise. */
  readonly retryable: boolean;
}

const kind = (grpc: GrpcStatusName, http: number, title: string): ErrorKind => ({
  grpc,
  http,
  title,
  retryable: false,
});
const passing = (grpc: GrpcStatusName, http: number, title: string): ErrorKind => ({
  grpc,
  http,
  title,
  retryable: true,
});

/** Every stable error code, and what it becomes at each edge. */
export const ERROR_TABLE = {
  // The wall: what the signer answers.
  UNAUTHENTICATED: kind('UNAUTHENTICATED', 401, 'The caller did not prove who it is'),
  KEY_NOT_FOUND: kind('NOT_FOUND', 404, 'No such key'),
  INVALID_REQUEST: kind('INVALID_ARGUMENT', 400, 'The request is not well formed'),
  TRANSACTION_MALFORMED: kind('INVALID_ARGUMENT', 400, 'The transaction cannot be decoded'),
  TRANSACTION_MISMATCH: kind('FAILED_PRECONDITION', 422, 'The transaction does not pay what was declared'),
  POLICY_DENIED: kind('PERMISSION_DENIED', 403, 'Policy does not allow this transaction'),
  APPROVAL_REQUIRED: kind('PERMISSION_DENIED', 403, 'Policy allows this only with approvals'),
  KEY_FROZEN: passing('FAILED_PRECONDITION', 503, 'The key is frozen'),
  LIMIT_REACHED: passing('RESOURCE_EXHAUSTED', 429, 'A limit over time is reached'),
  POLICY_SUPERSEDED: passing('UNAVAILABLE', 503, 'Another replica has accepted a newer policy'),
  AUDIT_BEHIND: passing('UNAVAILABLE', 503, 'Audit events are not exported'),
  THROTTLED: passing('RESOURCE_EXHAUSTED', 429, 'Too many calls'),
  REQUEST_ID_REUSED: kind('ALREADY_EXISTS', 409, 'The request id was used with other content'),
  PAYOUT_BOUND: kind('ALREADY_EXISTS', 409, 'The payout id is bound to another lane, key or terms'),
  LANE_TAKEN: kind('ALREADY_EXISTS', 409, 'The nonce already carries another payout'),
  NONCE_OUT_OF_WINDOW: passing('RESOURCE_EXHAUSTED', 429, 'The nonce is too far ahead of the lowest open one'),
  LANE_EXHAUSTED: kind('RESOURCE_EXHAUSTED', 429, 'As many envelopes were signed for this payout as there may be'),
  STORE_UNAVAILABLE: passing('UNAVAILABLE', 503, 'The database does not answer'),
  CUSTODY_UNAVAILABLE: passing('UNAVAILABLE', 503, 'The key backend does not answer'),
  CUSTODY_REFUSED: kind('UNAVAILABLE', 503, 'The key backend refused'),
  SIGNATURE_INVALID: kind('INTERNAL', 500, 'The key backend returned a bad signature'),
  DEADLINE: passing('DEADLINE_EXCEEDED', 504, 'No answer in time'),
  // HTTP: what the API answers.
  VALIDATION_FAILED: kind('INVALID_ARGUMENT', 400, 'The request is not valid'),
  IDEMPOTENCY_KEY_MISSING: kind('INVALID_ARGUMENT', 400, 'The Idempotency-Key header is missing'),
  UNAUTHORIZED: kind('UNAUTHENTICATED', 401, 'The API key is missing or not valid'),
  FORBIDDEN: kind('PERMISSION_DENIED', 403, 'The API key does not allow this'),
  NOT_FOUND: kind('NOT_FOUND', 404, 'Not found'),
  METHOD_NOT_ALLOWED: kind('UNIMPLEMENTED', 405, 'The method is not allowed here'),
  IDEMPOTENCY_KEY_IN_FLIGHT: passing('ALREADY_EXISTS', 409, 'A request with this Idempotency-Key is in flight'),
  PAYOUT_ENDED: kind('FAILED_PRECONDITION', 409, 'The payout has ended'),
  PAYER_UNKNOWN: kind('FAILED_PRECONDITION', 409, 'The account that pays is not configured'),
  EXTERNAL_ID_TAKEN: kind('ALREADY_EXISTS', 409, 'Another payout has this external_id'),
  PAYLOAD_TOO_LARGE: kind('RESOURCE_EXHAUSTED', 413, 'The request body is too large'),
  UNSUPPORTED_MEDIA_TYPE: kind('INVALID_ARGUMENT', 415, 'The request body is not JSON'),
  IDEMPOTENCY_KEY_REUSED: kind('ALREADY_EXISTS', 422, 'The Idempotency-Key was used with another body'),
  // Both.
  UNAVAILABLE: passing('UNAVAILABLE', 503, 'A part that is needed does not answer'),
  INTERNAL: kind('INTERNAL', 500, 'Internal error'),
} as const satisfies Readonly<Record<string, ErrorKind>>;

export type ErrorCode = keyof typeof ERROR_TABLE;

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_TABLE, text);
}

/** One of the reasons behind an error: a violated rule, a bad field. */
export interface Reason {
  /** Stable, upper snake case. */
  readonly code: string;
  /** Field, expected, found; never a secret. */
  readonly message: string;
  /** Dotted path of the field in the request, where there is one. It does not cross the wall. */
  readonly field?: string;
}

export interface CountersignErrorOptions {
  readonly reasons?: readonly Reason[];
  /** Overrides the table's. */
  readonly retryable?: boolean;
  /** For the log alone: it crosses no edge. */
  readonly cause?: unknown;
}

/** The one error class of the services. Its message and reasons are shown to callers, its cause never is. */
export class CountersignError extends Error {
  override readonly name = 'CountersignError';
  readonly code: ErrorCode;
  readonly reasons: readonly Reason[];
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: CountersignErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.reasons = options.reasons ?? [];
    this.retryable = options.retryable ?? ERROR_TABLE[code].retryable;
  }
}
