/** Every rule that a transaction can violate, by its stable code. */
export type ReasonCode =
  | 'ACCOUNT_NOT_ALLOWED'
  | 'AMOUNT_ABOVE_LIMIT'
  | 'ASSET_NOT_ALLOWED'
  | 'CALLER_NOT_ALLOWED'
  | 'CHANNEL_NOT_ALLOWED'
  | 'CREATE_ACCOUNT_NOT_ALLOWED'
  | 'DESTINATION_NOT_ALLOWED'
  | 'FEE_ABOVE_LIMIT'
  | 'FEE_CAP_ABOVE_LIMIT'
  | 'GAS_LIMIT_ABOVE_LIMIT'
  | 'LIFETIME_ABOVE_LIMIT'
  | 'NETWORK_NOT_ALLOWED'
  | 'PRIORITY_FEE_ABOVE_LIMIT'
  | 'TIME_BOUNDS_MISSING'
  | 'TRANSACTION_EXPIRED'
  | 'VALID_LATER';

/** One violated rule. The message names the field, what was expected and what was found. */
export interface Reason {
  readonly code: ReasonCode;
  readonly message: string;
}
