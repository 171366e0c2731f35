import { TransactionError } from '@countersign/chains/error';
import type { FieldError } from '../problem/validation.ts';

/** A value read from outside, or every reason why it was refused. */
export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

export const accepted = <T>(value: T): Read<T> => ({ ok: true, value });

export const refused = (field: string, code: string, message: string): Read<never> => ({
  ok: false,
  errors: [{ field, code, message }],
});

/** Runs a reader of the chains package; its refusal becomes one of `field`. */
export function reading<T>(field: string, read: () => T): Read<T> {
  try {
    return accepted(read());
  } catch (error) {
    if (!(error instanceof TransactionError)) throw error;
    return refused(field, error.code, error.message.slice(`${error.field}: `.length));
  }
}
