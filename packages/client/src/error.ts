export type ClientErrorCode =
  /** The command line makes no sense; the message says what was expected. */
  | 'USAGE'
  /** There is no API key, or it is none. */
  | 'API_KEY'
  /** No answer of the API, or not one of its own. */
  | 'API_UNREACHABLE'
  /** The API answered no. */
  | 'API_REFUSED'
  /** What the API shows is not in the one form that can be approved, or contradicts itself. */
  | 'TERMS_INVALID'
  /** Nobody said yes. */
  | 'NOT_CONFIRMED'
  /** ssh-keygen gave no signature that would count. */
  | 'NOT_SIGNED';

/** The one error of this package. Its message is shown; text from the API in it is made visible first. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: ClientErrorCode;

  constructor(code: ClientErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
