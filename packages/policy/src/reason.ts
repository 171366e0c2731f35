/** Every rule that a transaction can violate, by its stable code. */
export type ReasonCode =
  | 'ACCOUNT_NOT_ALLOWED'
  | 'AMOUNT_ABOVE_LIMIT'
  | 'APPROVAL_REQUIRED'
  | 'ASSET_NOT_ALLOWED'
  | 'AUTHORIZATION_LIFETIME_ABOVE_LIMIT'
  | 'CALLER_NOT_ALLOWED'
  | 'CHANNEL_NOT_ALLOWED'
  | 'CONTRACT_NOT_ALLOWED'
  | 'CREATE_ACCOUNT_NOT_ALLOWED'
  | 'DESTINATION_IS_ISSUER'
  | 'DESTINATION_IS_NOBODY'
  | 'DESTINATION_IS_OWN'
  | 'DESTINATION_IS_TOKEN'
  | 'DESTINATION_NOT_ALLOWED'
  | 'FEE_ABOVE_LIMIT'
  | 'FEE_CAP_ABOVE_LIMIT'
  | 'FOOTPRINT_NOT_ALLOWED'
  | 'GAS_LIMIT_ABOVE_LIMIT'
  | 'LIFETIME_ABOVE_LIMIT'
  | 'MEMO_NOT_ALLOWED'
  | 'NETWORK_NOT_ALLOWED'
  | 'PRIORITY_FEE_ABOVE_LIMIT'
  | 'RESOURCE_FEE_ABOVE_LIMIT'
  | 'SOROBAN_NOT_ALLOWED'
  | 'TIME_BOUNDS_MISSING'
  | 'TRANSACTION_AMOUNT_ABOVE_LIMIT'
  | 'TRANSACTION_EXPIRED'
  | 'VALID_LATER';

/** One violated rule. The message names the field, what was expected and what was found. */
export interface Reason {
  readonly code: ReasonCode;
  readonly message: string;
}

export function reason(code: ReasonCode, message: string): Reason {
  return { code, message };
}

export function above(code: ReasonCode, field: string, unit: string, most: bigint, got: bigint): Reason {
  return reason(code, `${field}: expected at most ${most} ${unit}, got ${got}`);
}
