import type { CallFailure } from '../attempts.ts';
import { isOwnFault } from '../own-fault.ts';
import { cleaned } from '../remote-text.ts';

/**
 * KMS errors that another call may not meet again (API reference, Common Errors and the errors of Sign). Everything else
 * that KMS answers below 500 is final: DisabledException, NotFoundException, AccessDeniedException, ExpiredToken…
 */
const RETRYABLE = new Set([
  'ThrottlingException',
  'LimitExceededException',
  'KMSInternalException',
  'KeyUnavailableException',
  'DependencyTimeoutException',
]);

/** How a request is refused that was dated wrong. */
const MISDATED = new Set(['InvalidSignatureException', 'RequestExpired']);

/** A 500 that speaks of one key: of a custom key store, for example. */
const ONE_KEY = 'KeyUnavailableException';

/** No credentials at all: at start a wrong setup, afterwards a metadata service that does not answer. */
export const NO_CREDENTIALS = 'CredentialsProviderError';

/** Thrown for what kept a request from being sent, which is its `cause`: credentials, for example, that another service gives. */
export class UnsentError extends Error {
  override readonly name = 'UnsentError';
}

/**
 * An error that the AWS SDK threw, or `createKmsSign` in its form, in the terms of `withAttempts`. Without an HTTP status nobody answered (a socket error,
 * a timeout): no request id, retryable. So are a 429, a 5xx and an answer that cannot be read, whatever their name.
 */
export function awsFailure(error: unknown): CallFailure {
  if (error instanceof UnsentError) return { ...awsFailure(error.cause), down: false, unasked: true };
  const { httpStatusCode, requestId, clockSkewCorrected } = metadataOf(error);
  const errorCode = codeOf(error, httpStatusCode);
  const unasked = httpStatusCode === undefined && isOwnFault(error);
  return {
    ok: false,
    errorCode,
    message: `${errorCode}: ${cleaned(error instanceof Error ? error.message : String(error))}`,
    retryable:
      httpStatusCode === undefined ||
      httpStatusCode < 400 ||
      httpStatusCode === 429 ||
      httpStatusCode >= 500 ||
      RETRYABLE.has(errorCode) ||
      // The clock has been set since by an answer's Date header: the next signature is dated right.
      (clockSkewCorrected === true && MISDATED.has(errorCode)),
    down: httpStatusCode === undefined ? !unasked : httpStatusCode >= 500 && errorCode !== ONE_KEY,
    ...(unasked ? { unasked } : {}),
    ...(requestId === undefined ? {} : { requestId }),
    cause: error,
  };
}

interface Metadata {
  readonly httpStatusCode?: number;
  readonly requestId?: string;
  readonly clockSkewCorrected?: boolean;
}

function metadataOf(error: unknown): Metadata {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return {};
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null) return {};
  const { httpStatusCode, requestId, clockSkewCorrected } = metadata as Record<string, unknown>;
  return {
    ...(typeof httpStatusCode === 'number' ? { httpStatusCode } : {}),
    ...(typeof requestId === 'string' ? { requestId: cleaned(requestId) } : {}),
    ...(typeof clockSkewCorrected === 'boolean' ? { clockSkewCorrected } : {}),
  };
}

/** KMS's own name where KMS answered; else the socket's (`ECONNRESET`), which says more than the class (`Error`). */
function codeOf(error: unknown, httpStatusCode: number | undefined): string {
  if (!(error instanceof Error)) return 'UnknownError';
  if (httpStatusCode === undefined && 'code' in error && typeof error.code === 'string') return cleaned(error.code);
  return cleaned(error.name);
}
