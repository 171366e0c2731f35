/** Every way in which a transaction is not what a request says of it, by its stable code. */
export type MismatchCode =
  | 'CANCEL_NOT_SUPPORTED'
  | 'CANCEL_NOT_TO_SELF'
  | 'CANCEL_WITH_VALUE'
  | 'CONTRACT_NOT_OF_ASSET'
  | 'LANE_NOT_CLOSED'
  | 'NONCE_NOT_DERIVED'
  | 'NOT_ONE_PAYOUT'
  | 'NO_PAYOUTS'
  | 'OPERATION_NOT_DECLARED'
  | 'PAYOUTS_IN_CANCEL'
  | 'PAYOUT_NOT_PAID'
  | 'TRANSFER_NOT_DECLARED';

/** The message names the field, what was expected and what was found. */
export class MismatchError extends Error {
  override readonly name = 'MismatchError';
  readonly code: MismatchCode;

  constructor(code: MismatchCode, message: string) {
    super(message);
    this.code = code;
  }
}

export function mismatch(code: MismatchCode, message: string): MismatchError {
  return new MismatchError(code, message);
}
