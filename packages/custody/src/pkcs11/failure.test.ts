import { expect, test } from '@jest/globals';
import { failureOf } from './failure.ts';

test.each([
  ['CKR_SESSION_HANDLE_INVALID', { retryable: true, lost: true }],
  ['CKR_SESSION_CLOSED', { retryable: true, lost: true }],
  ['CKR_USER_NOT_LOGGED_IN', { retryable: true, lost: true }],
  ['CKR_KEY_HANDLE_INVALID', { retryable: true, lost: true }],
  ['CKR_OBJECT_HANDLE_INVALID', { retryable: true, lost: true }],
  ['CKR_OPERATION_ACTIVE', { retryable: true, lost: true }],
  ['CKR_OPERATION_NOT_INITIALIZED', { retryable: true, lost: true }],
  ['CKR_DEVICE_REMOVED', { retryable: true, lost: true, down: true }],
  ['CKR_TOKEN_NOT_PRESENT', { retryable: true, lost: true, down: true }],
  ['CKR_TOKEN_NOT_RECOGNIZED', { retryable: true, lost: true, down: true }],
  ['CKR_SLOT_ID_INVALID', { retryable: true, lost: true, down: true }],
  ['CKR_DEVICE_ERROR', { retryable: true, lost: true, down: true }],
  ['CKR_GENERAL_ERROR', { retryable: true, lost: true, down: true }],
  ['CKR_CRYPTOKI_NOT_INITIALIZED', { retryable: true, lost: true, down: true }],
  ['CKR_FUNCTION_FAILED', { retryable: true, down: true }],
  ['CKR_HOST_MEMORY', { retryable: true }],
  ['CKR_DEVICE_MEMORY', { retryable: true }],
  ['CKR_SESSION_COUNT', { retryable: true }],
  ['CKR_FUNCTION_CANCELED', { retryable: true }],
  ['CKR_KEY_FUNCTION_NOT_PERMITTED', { retryable: false }],
  ['CKR_KEY_TYPE_INCONSISTENT', { retryable: false }],
  ['CKR_MECHANISM_INVALID', { retryable: false }],
  ['CKR_DATA_LEN_RANGE', { retryable: false }],
])('%s: %j', (code, meaning) => {
  const cause = new Error(code);
  expect(failureOf(cause)).toEqual({ ok: false, errorCode: code, message: code, ...meaning, cause });
  // As the addon throws where it does not take its own text apart.
  expect(failureOf(new Error(`${code}:179`)).errorCode).toBe(code);
});

test.each(['CKR_PIN_INCORRECT', 'CKR_PIN_LOCKED', 'CKR_PIN_EXPIRED'])(
  '%s is final, and says what that means',
  (code) => {
    expect(failureOf(new Error(code))).toMatchObject({
      retryable: false,
      errorCode: code,
      message: `${code}: no login is tried again until the next start`,
    });
  },
);

test('a code of the vendor is told by its number', () => {
  const thrown = Object.assign(new Error('CKR_VENDOR_DEFINED'), { code: 0x80000a01 });
  expect(failureOf(thrown)).toMatchObject({ errorCode: 'CKR_0x80000a01', retryable: false });
  expect(failureOf(new Error('CKR_VENDOR_DEFINED:2147486209')).errorCode).toBe('CKR_0x80000a01');
});

test.each([new TypeError('secret'), 'CKR_GENERAL_ERROR', undefined])(
  'what is no answer of the library is final, and not told: %p',
  (thrown) => {
    const { cause, ...failure } = failureOf(thrown);
    expect(cause).toBe(thrown);
    expect(failure).toEqual({ ok: false, errorCode: 'UNEXPECTED', message: 'an unexpected error', retryable: false });
  },
);
