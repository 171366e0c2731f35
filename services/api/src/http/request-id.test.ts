import { describe, expect, test } from '@jest/globals';
import { requestIdOf } from './request-id.ts';

describe('the request id', () => {
  test.each(['a', 'trace-1:2.3_4', 'x'.repeat(64)])('is the given one when it is well formed: %s', (given) => {
    expect(requestIdOf({ headers: { 'x-request-id': given } })).toBe(given);
  });

  test.each([undefined, '', 'x'.repeat(65), 'a b', 'a\nb', 'ü', ['a', 'b']])('is a new one instead of %j', (given) => {
    const headers = given === undefined ? {} : { 'x-request-id': given };
    expect(requestIdOf({ headers: headers as Record<string, string> })).toMatch(/^rq_[0-9a-f]{32}$/);
  });
});
