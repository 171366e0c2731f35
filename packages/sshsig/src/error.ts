/** Every way in which a key, a signature or a statement is refused here. The codes are stable; the messages are not. */
export type SshsigErrorCode =
  // Either, key or signature.
  | 'TOO_LARGE'
  | 'MALFORMED' // not the bytes, the line or the armor that it should be
  | 'NOT_CANONICAL' // more than one encoding of the same value
  | 'UNSUPPORTED_ALGORITHM' // RSA, DSA, hardware keys (`sk-…`), certificates, anything newer
  | 'INVALID_KEY' // not a point of its NIST curve, or a point of Ed25519 that verifies what nobody signed
  // Signatures.
  | 'UNSUPPORTED_VERSION'
  | 'NAMESPACE_DIFFERS'
  | 'RESERVED_NOT_EMPTY'
  | 'UNSUPPORTED_HASH'
  | 'ALGORITHM_DIFFERS' // the signature is of another algorithm than the key beside it
  | 'SIGNATURE_INVALID'
  // Statements.
  | 'INVALID_TERMS'
  // Signatures of a policy bundle.
  | 'INVALID_SIGNERS'
  | 'SIGNATURES_MISSING';

/** The one error of this package. */
export class SshsigError extends Error {
  override readonly name = 'SshsigError';
  readonly code: SshsigErrorCode;

  constructor(code: SshsigErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** How a refused string is shown: quoted, and cut short. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}…` : text);
}
