import { fromBinary } from '@bufbuild/protobuf';
import { Metadata, type ServiceError, type StatusObject, status } from '@grpc/grpc-js';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CountersignError, ERROR_TABLE, type ErrorCode } from '../errors.ts';
import { ErrorDetailSchema } from '../gen/countersign/signer/v1/signer_pb.ts';
import { ERROR_TRAILER, fromServiceError, toStatus } from './error-trailer.ts';

const asServiceError = (answer: Partial<StatusObject> & { code: status }): ServiceError =>
  Object.assign(new Error('x'), { details: '', metadata: new Metadata(), ...answer });

const codes = Object.keys(ERROR_TABLE) as ErrorCode[];
const word = fc.stringMatching(/^[A-Z][A-Z_]{0,20}$/);
const sentence = fc.stringMatching(/^[ -~äöü€]{0,80}$/);

describe('the error trailer', () => {
  test('gives back code, message, reasons and retryable', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...codes),
        sentence,
        fc.array(fc.record({ code: word, message: sentence }), { maxLength: 5 }),
        fc.boolean(),
        (code, message, reasons, retryable) => {
          const answer = toStatus(new CountersignError(code, message, { reasons, retryable }));
          expect(answer.code).toBe(status[ERROR_TABLE[code].grpc]);
          expect(fromServiceError(asServiceError(answer))).toMatchObject({ code, message, reasons, retryable });
        },
      ),
    );
  });

  test.each([new Error('password=hunter2'), 'text', undefined, null])('an unknown error %p is fixed text', (error) => {
    const answer = toStatus(error);
    expect(answer).toMatchObject({ code: status.INTERNAL, details: 'Internal error' });
    expect(fromServiceError(asServiceError(answer))).toMatchObject({ code: 'INTERNAL', reasons: [], retryable: false });
  });

  test('leaves the cause and the field behind', () => {
    const error = new CountersignError('INVALID_REQUEST', 'm', {
      cause: new Error('secret-cause'),
      reasons: [{ code: 'R', message: 'r', field: 'payouts' }],
    });
    const answer = toStatus(error);
    const [trailer] = answer.metadata.get(ERROR_TRAILER);
    expect(`${answer.details}${trailer}`).not.toContain('secret-cause');
    expect(fromServiceError(asServiceError(answer)).reasons).toEqual([{ code: 'R', message: 'r' }]);
  });

  test('cuts long texts and flattens control characters', () => {
    const answer = toStatus(new CountersignError('INTERNAL', `a\r\nb\u0000c${'x'.repeat(1000)}`));
    expect(answer.details).toMatch(/^a b c/);
    expect(answer.details).toHaveLength(500);
  });

  test('says how many reasons did not fit', () => {
    const reasons = Array.from({ length: 200 }, (_, i) => ({ code: 'R', message: `${i} ${'y'.repeat(490)}` }));
    const [trailer] = toStatus(new CountersignError('POLICY_DENIED', 'm', { reasons })).metadata.get(ERROR_TRAILER);
    if (!(trailer instanceof Uint8Array)) throw new Error('no trailer');
    expect(trailer.byteLength).toBeLessThanOrEqual(32 * 1024);
    const detail = fromBinary(ErrorDetailSchema, trailer);
    expect(detail.reasons).toHaveLength(51);
    expect(detail.reasons.at(-1)).toMatchObject({ code: 'MORE_REASONS', message: '150 more reasons are not listed' });
  });
});

describe('a failed call without the trailer', () => {
  test.each<[status, ErrorCode, boolean]>([
    [status.UNAVAILABLE, 'UNAVAILABLE', true],
    [status.INTERNAL, 'UNAVAILABLE', true],
    [status.CANCELLED, 'UNAVAILABLE', true],
    [status.UNKNOWN, 'UNAVAILABLE', true],
    [status.RESOURCE_EXHAUSTED, 'UNAVAILABLE', true],
    [status.PERMISSION_DENIED, 'UNAVAILABLE', true],
    [status.DEADLINE_EXCEEDED, 'DEADLINE', true],
    [status.UNIMPLEMENTED, 'INTERNAL', false],
  ])('of status %s is %s', (code, expected, retryable) => {
    const error = asServiceError({ code });
    expect(fromServiceError(error)).toMatchObject({ code: expected, retryable, cause: error });
  });

  test('or with one that cannot be read, broke on the way', () => {
    const metadata = new Metadata();
    metadata.set(ERROR_TRAILER, Buffer.from([0xff, 0xff]));
    expect(fromServiceError(asServiceError({ code: status.PERMISSION_DENIED, metadata })).code).toBe('UNAVAILABLE');
  });
});

test('a code of a newer signer is INTERNAL, and keeps its retryable', () => {
  const answer = toStatus(new CountersignError('POLICY_DENIED', 'm', { retryable: true }));
  const [trailer] = answer.metadata.get(ERROR_TRAILER);
  if (!(trailer instanceof Uint8Array)) throw new Error('no trailer');
  answer.metadata.set(
    ERROR_TRAILER,
    Buffer.from(Buffer.from(trailer).toString('latin1').replace('DENIED', 'FUTURE'), 'latin1'),
  );
  expect(fromServiceError(asServiceError(answer))).toMatchObject({
    code: 'INTERNAL',
    message: 'unknown error code POLICY_FUTURE',
    retryable: true,
  });
});
