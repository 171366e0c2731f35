import { TransactionError, type TransactionErrorCode } from '../src/error.ts';

/** The error of a call that must be refused; anything but a TransactionError fails the test as it is. */
export function refusal(call: () => unknown): TransactionError {
  try {
    call();
  } catch (error) {
    if (error instanceof TransactionError) return error;
    throw error;
  }
  throw new Error('expected a TransactionError, the call went through');
}

export function refusedWith(call: () => unknown): { code: TransactionErrorCode; field: string } {
  const { code, field } = refusal(call);
  return { code, field };
}

/** The value of a call that either goes through or is refused. */
export function valueOrRefusal<T>(call: () => T): { value: T } | { refused: TransactionError } {
  try {
    return { value: call() };
  } catch (error) {
    if (error instanceof TransactionError) return { refused: error };
    throw error;
  }
}
