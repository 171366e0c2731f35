import { CountersignError, ERROR_TABLE, type ErrorCode } from '@countersign/contract/errors';
import { describe, expect, test } from '@jest/globals';
import { readRefusal } from './signer-answer.ts';

const kindOf = (code: ErrorCode) => readRefusal(new CountersignError(code, 'text')).kind;

describe('a refusal of the signer', () => {
  test.each([
    ['POLICY_DENIED', 'denied'],
    ['APPROVAL_REQUIRED', 'unapproved'],
    ['PAYOUT_BOUND', 'bound'],
    ['LANE_TAKEN', 'bound'],
    ['REQUEST_ID_REUSED', 'broken'],
    ['INVALID_REQUEST', 'broken'],
    ['TRANSACTION_MALFORMED', 'broken'],
    ['TRANSACTION_MISMATCH', 'broken'],
  ] as const)('%s is %s', (code, kind) => {
    expect(kindOf(code)).toBe(kind);
  });

  const PASSING: readonly ErrorCode[] = [
    'KEY_FROZEN',
    'LIMIT_REACHED',
    'POLICY_SUPERSEDED',
    'AUDIT_BEHIND',
    'THROTTLED',
    'NONCE_OUT_OF_WINDOW',
  ];

  test.each(PASSING)('%s has the payout wait, and nothing was bound by it', (code) => {
    expect(readRefusal(new CountersignError(code, 'text'))).toEqual({
      kind: 'wait',
      unbound: true,
      grave: false,
      reason: { code, detail: 'text' },
    });
  });

  test('of any other code may have been signed', () => {
    const final = ['denied', 'unapproved', 'bound', 'broken'];
    const others = (Object.keys(ERROR_TABLE) as ErrorCode[]).filter(
      (code) => !final.includes(kindOf(code)) && !PASSING.includes(code),
    );
    expect(others).toHaveLength(Object.keys(ERROR_TABLE).length - 8 - PASSING.length);
    for (const code of others) {
      expect(readRefusal(new CountersignError(code, 'text'))).toMatchObject({ kind: 'wait', unbound: false });
    }
  });

  test('that is not even one of ours may have been signed', () => {
    expect(readRefusal(new TypeError('x'))).toMatchObject({
      kind: 'wait',
      grave: true,
      reason: { code: 'SIGNER_UNAVAILABLE' },
    });
    expect(readRefusal(undefined).kind).toBe('wait');
  });

  test('says what to show: the transport is told apart from the custody behind it', () => {
    const codeOf = (code: ErrorCode) => readRefusal(new CountersignError(code, 'text')).reason.code;
    expect(
      ['UNAVAILABLE', 'DEADLINE', 'CUSTODY_UNAVAILABLE', 'NONCE_OUT_OF_WINDOW'].map((code) =>
        codeOf(code as ErrorCode),
      ),
    ).toEqual(['SIGNER_UNAVAILABLE', 'SIGNER_UNAVAILABLE', 'CUSTODY_UNAVAILABLE', 'NONCE_OUT_OF_WINDOW']);
  });

  test('that waiting alone will not lift is grave', () => {
    const grave = (code: ErrorCode) => {
      const answer = readRefusal(new CountersignError(code, 'text'));
      return answer.kind === 'wait' && answer.grave;
    };
    expect([grave('CUSTODY_REFUSED'), grave('UNAUTHENTICATED'), grave('CUSTODY_UNAVAILABLE')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('about the time alone is no denial: the transaction expires and is built anew', () => {
    const denial = (...codes: string[]) =>
      readRefusal(
        new CountersignError('POLICY_DENIED', 'no', { reasons: codes.map((code) => ({ code, message: code })) }),
      );
    expect(denial('TRANSACTION_EXPIRED').kind).toBe('wait');
    expect(denial('LIFETIME_ABOVE_LIMIT').kind).toBe('wait');
    expect(denial('TRANSACTION_EXPIRED', 'DESTINATION_NOT_ALLOWED').kind).toBe('denied');
    expect(denial().kind).toBe('denied');
  });

  test('beside a denial does not count approvals that are missing', () => {
    const denial = (...codes: string[]) =>
      readRefusal(
        new CountersignError('POLICY_DENIED', 'no', { reasons: codes.map((code) => ({ code, message: 'x' })) }),
      );
    expect(denial('APPROVAL_REQUIRED', 'ASSET_NOT_ALLOWED')).toMatchObject({
      kind: 'denied',
      reasons: [{ code: 'ASSET_NOT_ALLOWED' }],
    });
    expect(denial('APPROVAL_REQUIRED', 'TRANSACTION_EXPIRED').kind).toBe('wait');
    expect(denial('APPROVAL_REQUIRED')).toMatchObject({ kind: 'unapproved', reason: { code: 'APPROVAL_REQUIRED' } });
  });

  test('tells every reason', () => {
    const reasons = [
      { code: 'A', message: 'first' },
      { code: 'B', message: 'second' },
    ];
    expect(readRefusal(new CountersignError('POLICY_DENIED', 'no', { reasons })).reason.detail).toBe(
      'A: first; B: second',
    );
  });
});
