/** Every way in which input is refused here. The codes are stable; the messages are not. */
export type TransactionErrorCode =
  // Either chain, decoding: `field` is `transaction`, or `authorization` for an authorization entry.
  | 'INVALID_BYTES' // not a Uint8Array
  | 'TRANSACTION_TOO_LARGE'
  | 'MALFORMED_TRANSACTION' // not parseable, or followed by other bytes
  | 'NOT_CANONICAL' // more than one encoding of the same value
  | 'ALREADY_SIGNED'
  // Either chain, values.
  | 'UNKNOWN_ASSET'
  | 'INVALID_ADDRESS'
  | 'INVALID_AMOUNT'
  | 'AMOUNT_TOO_PRECISE'
  | 'AMOUNT_OUT_OF_RANGE'
  | 'INVALID_FEE'
  | 'INVALID_PUBLIC_KEY'
  | 'INVALID_SIGNATURE'
  // Stellar.
  | 'INVALID_NETWORK_PASSPHRASE'
  | 'V0_ENVELOPE'
  | 'FEE_BUMP_ENVELOPE'
  | 'UNKNOWN_ENVELOPE_TYPE'
  | 'SOROBAN_DATA'
  | 'TIME_BOUNDS_MISSING'
  | 'UNSUPPORTED_PRECONDITIONS'
  | 'INVALID_TIME_BOUNDS'
  | 'MUXED_SOURCE'
  | 'INVALID_SEQUENCE'
  | 'INVALID_MEMO'
  | 'OPERATION_COUNT'
  | 'UNSUPPORTED_OPERATION'
  | 'UNSUPPORTED_ASSET'
  | 'INVALID_ASSET_CODE' // not 1–4 characters in AlphaNum4, 5–12 in AlphaNum12, then zeros alone
  | 'ASSET_OF_OTHER_CHAIN'
  // Soroban.
  | 'SOROBAN_DATA_MISSING'
  | 'MALFORMED_SOROBAN_DATA' // what a simulation gave is not the XDR of SorobanTransactionData
  | 'ENTRY_ARCHIVED_IN_FOOTPRINT'
  | 'MEMO_NOT_SUPPORTED'
  | 'OPERATION_SOURCE_NOT_SUPPORTED'
  | 'UNSUPPORTED_HOST_FUNCTION'
  | 'AUTHORIZATION_COUNT'
  | 'UNSUPPORTED_CREDENTIALS'
  | 'SUB_INVOCATIONS'
  | 'INVOCATION_DIFFERS' // what is called is not what was authorized
  | 'UNSUPPORTED_INVOCATION' // not transfer(from, to, amount) of a contract
  | 'ACCOUNT_DIFFERS' // `from` is not the account that authorizes
  | 'DESTINATION_IS_TOKEN' // a token sent to its own contract; on EVM too
  | 'INVALID_LEDGER'
  | 'NOT_SIGNED'
  | 'UNSUPPORTED_SIGNATURE'
  | 'UNSUPPORTED_FOOTPRINT_KEY'
  | 'DUPLICATE_FOOTPRINT_KEY'
  // EVM.
  | 'LEGACY_TRANSACTION'
  | 'ACCESS_LIST_TRANSACTION' // type 1, EIP-2930
  | 'BLOB_TRANSACTION' // type 3, EIP-4844
  | 'SET_CODE_TRANSACTION' // type 4, EIP-7702
  | 'UNKNOWN_TRANSACTION_TYPE'
  | 'INVALID_CHAIN_ID'
  | 'INVALID_NONCE'
  | 'INVALID_GAS_LIMIT'
  | 'CONTRACT_CREATION'
  | 'UNSUPPORTED_CALLDATA'
  | 'VALUE_WITH_TOKEN_TRANSFER'
  | 'UNSUPPORTED_ACCESS_LIST';

/** The one error of this package: what was refused (`code`), and in which field of the input or the transaction. */
export class TransactionError extends Error {
  override readonly name = 'TransactionError';
  readonly code: TransactionErrorCode;
  /** Path of the field, for example `operations[3].amount` or `maxFeePerGas`. */
  readonly field: string;

  constructor(code: TransactionErrorCode, field: string, message: string, options?: { cause?: unknown }) {
    super(`${field}: ${message}`, options);
    this.code = code;
    this.field = field;
  }
}
