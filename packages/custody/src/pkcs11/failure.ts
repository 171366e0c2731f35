import { types } from 'node:util';
import type { CallFailure } from '../attempts.ts';
import { CustodyError } from '../error.ts';
import { cleaned } from '../remote-text.ts';

/** What a code says of the call, and of the connection: one that is `lost` is opened anew before the next call. */
export interface Meaning {
  readonly retryable: boolean;
  readonly down?: true;
  readonly lost?: true;
}

/** Sessions, the login or object handles are gone; another connection may find them. */
const LOST: Meaning = { retryable: true, lost: true };
/** So is the token itself, or the way to it. */
const GONE: Meaning = { retryable: true, lost: true, down: true };
/** The token is there and had no room. */
const BUSY: Meaning = { retryable: true };
const FINAL: Meaning = { retryable: false };

/**
 * What PKCS#11 answers (v3.1, section 5.1). Every other code is final: the key may not sign, the mechanism is unknown, the PIN
 * is wrong…
 */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  CKR_SESSION_HANDLE_INVALID: LOST,
  CKR_SESSION_CLOSED: LOST,
  CKR_USER_NOT_LOGGED_IN: LOST,
  CKR_KEY_HANDLE_INVALID: LOST,
  CKR_OBJECT_HANDLE_INVALID: LOST,
  // A session that an earlier call has left in the middle of something.
  CKR_OPERATION_ACTIVE: LOST,
  CKR_OPERATION_NOT_INITIALIZED: LOST,
  CKR_DEVICE_REMOVED: GONE,
  CKR_TOKEN_NOT_PRESENT: GONE,
  CKR_TOKEN_NOT_RECOGNIZED: GONE,
  CKR_SLOT_ID_INVALID: GONE,
  CKR_DEVICE_ERROR: GONE,
  CKR_GENERAL_ERROR: GONE,
  CKR_CRYPTOKI_NOT_INITIALIZED: GONE,
  CKR_FUNCTION_FAILED: { retryable: true, down: true },
  CKR_HOST_MEMORY: BUSY,
  CKR_DEVICE_MEMORY: BUSY,
  CKR_SESSION_COUNT: BUSY,
  CKR_FUNCTION_CANCELED: BUSY,
};

/** Of the PIN: no login is tried after one of them, since an HSM locks itself after a few. */
export const isPinRefused = (errorCode: string): boolean =>
  errorCode.startsWith('CKR_PIN_') || errorCode === 'PIN_FINAL_TRY' || errorCode === 'PIN_LOCKED';

/** A failure that is found by this package, and not answered by the library. */
export class Pkcs11Failure extends Error {
  override readonly name = 'Pkcs11Failure';
  readonly errorCode: string;
  readonly meaning: Meaning;

  constructor(errorCode: string, message: string, meaning: Meaning = FINAL) {
    super(message);
    this.errorCode = errorCode;
    this.meaning = meaning;
  }
}

export interface TokenFailure extends CallFailure {
  readonly lost?: true;
}

/** What was thrown while the token was asked, in the terms of `withAttempts`. */
export function failureOf(error: unknown): TokenFailure {
  if (error instanceof Pkcs11Failure) {
    return { ok: false, errorCode: error.errorCode, message: error.message, ...error.meaning, cause: error };
  }
  if (error instanceof CustodyError) {
    return { ok: false, errorCode: error.code, message: error.message, retryable: error.retryable, cause: error };
  }
  const errorCode = codeOf(error);
  if (errorCode === undefined) {
    return { ok: false, errorCode: 'UNEXPECTED', message: 'an unexpected error', retryable: false, cause: error };
  }
  const message = isPinRefused(errorCode) ? `${errorCode}: no login is tried again until the next start` : errorCode;
  return { ok: false, errorCode, message, ...(MEANINGS[errorCode] ?? FINAL), cause: error };
}

/** `CKR_PIN_INCORRECT` or `CKR_PIN_INCORRECT:160`; what the addon has no name for it calls CKR_VENDOR_DEFINED. */
function codeOf(error: unknown): string | undefined {
  if (!types.isNativeError(error)) return undefined;
  const [, name, number] = /^(CKR_\w+)(?::(\d+))?/.exec(error.message) ?? [];
  if (name !== 'CKR_VENDOR_DEFINED') return name;
  const code = number ?? ('code' in error ? error.code : undefined);
  return cleaned(`CKR_0x${Number(code).toString(16).padStart(8, '0')}`);
}
