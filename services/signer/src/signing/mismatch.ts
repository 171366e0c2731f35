import { CountersignError } from '@countersign/contract/errors';

/** The transaction is not what the request says of it. */
export function mismatch(code: string, message: string): CountersignError {
  return new CountersignError('TRANSACTION_MISMATCH', message, { reasons: [{ code, message }] });
}
