import { status } from '@grpc/grpc-js';
import { describe, expect, test } from '@jest/globals';
import { CountersignError, ERROR_TABLE, isErrorCode } from './errors.ts';

describe('the error table', () => {
  test.each(Object.entries(ERROR_TABLE))('%s has a gRPC status, an HTTP error status and a title', (code, row) => {
    expect(code).toMatch(/^[A-Z][A-Z_]+$/);
    expect(status[row.grpc]).toBeGreaterThan(0);
    expect(row.http).toBeGreaterThanOrEqual(400);
    expect(row.http).toBeLessThan(600);
    expect(row.title).toMatch(/^[A-Z].*[^.]$/);
  });

  test('what is retryable by itself is what passes by itself', () => {
    const retryable = Object.entries(ERROR_TABLE).flatMap(([code, row]) => (row.retryable ? [code] : []));
    expect(retryable).toEqual([
      'KEY_FROZEN',
      'LIMIT_REACHED',
      'POLICY_SUPERSEDED',
      'AUDIT_BEHIND',
      'THROTTLED',
      'NONCE_OUT_OF_WINDOW',
      'STORE_UNAVAILABLE',
      'CUSTODY_UNAVAILABLE',
      'DEADLINE',
      'IDEMPOTENCY_KEY_IN_FLIGHT',
      'UNAVAILABLE',
    ]);
  });

  test('isErrorCode knows its own codes and no inherited names', () => {
    expect(isErrorCode('POLICY_DENIED')).toBe(true);
    for (const other of ['', 'policy_denied', 'toString', '__proto__']) expect(isErrorCode(other)).toBe(false);
  });
});

describe('CountersignError', () => {
  test('takes retryable from the table unless told otherwise', () => {
    expect(new CountersignError('STORE_UNAVAILABLE', 'm').retryable).toBe(true);
    expect(new CountersignError('STORE_UNAVAILABLE', 'm', { retryable: false }).retryable).toBe(false);
    expect(new CountersignError('POLICY_DENIED', 'm').retryable).toBe(false);
  });

  test('carries reasons and a cause', () => {
    const cause = new Error('inner');
    const error = new CountersignError('POLICY_DENIED', 'm', { reasons: [{ code: 'R', message: 'x' }], cause });
    expect(error).toMatchObject({ name: 'CountersignError', code: 'POLICY_DENIED', message: 'm', cause });
    expect(error.reasons).toEqual([{ code: 'R', message: 'x' }]);
    expect(new CountersignError('INTERNAL', 'm').reasons).toEqual([]);
    expect('cause' in new CountersignError('INTERNAL', 'm')).toBe(false);
  });
});
