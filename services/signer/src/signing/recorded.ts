/** A signature as the record has it: made once, answered ever after. */
export interface Recorded {
  /** Ed25519: 64 bytes. secp256k1: r ‖ s ‖ y-parity, 65 bytes. */
  readonly signature: Uint8Array;
  readonly signedTransaction: Uint8Array;
  /** 32 bytes: the hash that the chain knows the transaction by; for an authorization entry the hash that was signed. */
  readonly transactionHash: Uint8Array;
  readonly custodyPath: 'legacy' | 'kms';
}

/** The columns of `transactions` that hold a signature; all null until it is recorded. */
export interface RecordedRow {
  readonly signature: Uint8Array | null;
  readonly signed_transaction: Uint8Array | null;
  readonly transaction_hash: Uint8Array | null;
  readonly custody_path: 'legacy' | 'kms' | null;
}

export function recordedOf(row: RecordedRow): Recorded | undefined {
  const { signature, signed_transaction, transaction_hash, custody_path } = row;
  if (signature === null || signed_transaction === null || transaction_hash === null || custody_path === null) {
    return undefined;
  }
  return {
    signature,
    signedTransaction: signed_transaction,
    transactionHash: transaction_hash,
    custodyPath: custody_path,
  };
}
