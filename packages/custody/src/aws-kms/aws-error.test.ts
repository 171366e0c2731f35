import { describe, expect, test } from '@jest/globals';
import { awsFailure, UnsentError } from './aws-error.ts';

const error = (name: string, rest: object = {}) => Object.assign(new Error('text'), { name }, rest);
const answered = (name: string, httpStatusCode: number, rest: object = {}) =>
  error(name, { $metadata: { httpStatusCode, requestId: 'r-1', ...rest } });

describe('an error of the SDK', () => {
  test.each<[string, unknown, object]>([
    [
      'a socket error keeps its own name',
      error('Error', { code: 'ECONNRESET', $metadata: { attempts: 1 } }),
      { errorCode: 'ECONNRESET', retryable: true, down: true },
    ],
    ['an error without a code keeps its class', error('TimeoutError'), { errorCode: 'TimeoutError', retryable: true }],
    [
      'an answer keeps the name that KMS gave it',
      answered('ThrottlingException', 400),
      { errorCode: 'ThrottlingException', retryable: true, requestId: 'r-1' },
    ],
    ['an unknown 4xx is final', answered('NewException', 400), { errorCode: 'NewException', retryable: false }],
    ['an unknown 5xx is not, and KMS is down', answered('NewException', 503), { retryable: true, down: true }],
    ['trouble with one key is not KMS being down', answered('KeyUnavailableException', 500), { down: false }],
    ['nor is a 429', answered('NewException', 429), { retryable: true, down: false }],
    ['nor a 200 that cannot be read', answered('SyntaxError', 200), { retryable: true }],
    [
      'a skewed clock that was corrected is worth another call',
      answered('InvalidSignatureException', 400, { clockSkewCorrected: true }),
      { retryable: true },
    ],
    [
      'but only to be dated right',
      answered('NotFoundException', 400, { clockSkewCorrected: true }),
      { retryable: false },
    ],
    ['one that was not is final', answered('InvalidSignatureException', 400), { retryable: false }],
    [
      'an error of this program says nothing of KMS',
      new RangeError('Invalid time value'),
      { errorCode: 'RangeError', retryable: true, down: false, unasked: true },
    ],
    ['metadata of another kind', error('Odd', { $metadata: 'none' }), { retryable: true }],
    ['what is no error', 'thrown text', { errorCode: 'UnknownError', message: 'UnknownError: thrown text' }],
    ['nothing', undefined, { errorCode: 'UnknownError', retryable: true, down: false }],
  ])('%s', (_, thrown, expected) => {
    const failure = awsFailure(thrown);
    expect(failure).toMatchObject({ ok: false, cause: thrown, ...expected });
  });

  test('what kept a request from being sent is told as it is, and says nothing of KMS', () => {
    const cause = error('Error', { code: 'ECONNREFUSED' });
    expect(awsFailure(new UnsentError('', { cause }))).toMatchObject({
      errorCode: 'ECONNREFUSED',
      retryable: true,
      down: false,
      unasked: true,
      cause,
    });
  });

  test('remote text is cut and cleaned', () => {
    const failure = awsFailure(
      Object.assign(answered('Bad\nName', 400), { message: `\u001b[31m${'é'.repeat(3)}${'x'.repeat(900)}` }),
    );
    expect(failure.errorCode).toBe('Bad Name');
    expect(failure.message).toMatch(/^Bad Name: {2}\[31m x+$/);
    expect(failure.message.length).toBeLessThan(220);
  });
});
