/** The two curves: Ed25519 for Stellar (RFC 8032), secp256k1 for EVM (SEC 2). */
export type Algorithm = 'ed25519' | 'secp256k1';

/** One call to a key backend, failed or not. An attempt that got no answer has no request id. */
export interface Attempt {
  readonly backend: string;
  readonly requestId?: string;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly outcome: 'succeeded' | 'failed';
  /** The backend's own name of the error (`ThrottlingException`, `ECONNRESET`), or `DEADLINE`. */
  readonly errorCode?: string;
}

/** What a backend gave back, not yet verified: `checkedSignature` is the only way on from here. */
export interface BackendAnswer {
  /** ed25519: 64 bytes R‖S; secp256k1: DER as the backend wrote it, S low or high. */
  readonly signature: Uint8Array;
  /** Every call made for this answer, in order; the last one succeeded. */
  readonly attempts: readonly Attempt[];
}

/** A key that can sign and cannot be read. */
export interface Backend {
  readonly name: 'aws-kms' | 'env' | 'pkcs11' | 'vault-transit';
  readonly algorithm: Algorithm;
  /** ed25519: 32 bytes; secp256k1: 33 bytes, compressed. Read from the backend when it was opened. */
  readonly publicKey: Uint8Array;
  /**
   * @param message exactly 32 bytes: a transaction hash (Stellar) or a keccak-256 digest (EVM)
   * @param signal the deadline; no attempt outlives it
   * @throws CustodyError `UNAVAILABLE` (may be retried) or `REFUSED` (may not), with every attempt
   */
  sign(message: Uint8Array, signal: AbortSignal): Promise<BackendAnswer>;
  close(): Promise<void>;
}
