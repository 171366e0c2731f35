import { describe, expect, test } from '@jest/globals';
import { answerFailure, socketFailure } from './vault-error.ts';

const ADDRESS = 'https://vault.internal';
const BUSY = { retryable: true, down: false };
const DOWN = { retryable: true, down: true };
const FINAL = { retryable: false, down: false };

describe('an answer of a vault', () => {
  test.each<[status: number, text: string, expected: object]>([
    [307, '', DOWN],
    [400, 'signing key not found', FINAL],
    [401, '', FINAL],
    [403, 'permission denied', FINAL],
    [404, '', FINAL],
    [405, 'unsupported operation', FINAL],
    [412, 'required index state not present', BUSY],
    [429, 'rate limit quota exceeded', BUSY],
    [472, '', DOWN],
    [473, '', DOWN],
    [500, 'internal error', DOWN],
    [501, '', DOWN],
    [502, '', DOWN],
    [503, 'Vault is sealed', DOWN],
    [500, '* requested version for signing is higher than the latest key version', FINAL],
    [500, '* requested version for signing is less than the minimum encryption key version', FINAL],
    [500, '* no such key version', FINAL],
    [500, '* refusing to use soft-deleted key', FINAL],
  ])('%d %s', (status, text, expected) => {
    expect(answerFailure('transit/sign/treasury', status, text === '' ? [] : [text])).toEqual({
      ok: false,
      errorCode: `Status${status}`,
      message: `Status${status}: transit/sign/treasury: ${text || 'no reason given'}`,
      ...expected,
    });
  });

  test('its text is cut and cleaned, and stands in one line', () => {
    const { message } = answerFailure('a/b', 500, [`1 error occurred:\n\t* \u001b[31m${'x'.repeat(900)}`, 'second']);
    expect(message).toMatch(/^Status500: a\/b: 1 error occurred: \* {2}\[31mx+$/);
    expect(message.length).toBeLessThan(220);
  });
});

test('nobody’s answer keeps the name of the socket’s error, or its class, and tells the address', () => {
  const reset = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
  expect(socketFailure(ADDRESS, reset)).toMatchObject({
    errorCode: 'ECONNRESET',
    message: 'ECONNRESET: https://vault.internal: socket hang up',
    ...DOWN,
  });
  const named = Object.assign(new Error('odd'), { name: 'OddError' });
  expect(socketFailure(ADDRESS, named)).toMatchObject({ errorCode: 'OddError', ...DOWN });
});

test('an error of this program says nothing of the vault', () => {
  const unasked = { retryable: true, unasked: true };
  const odd = socketFailure(ADDRESS, new TypeError('odd'));
  expect(odd).toMatchObject({ errorCode: 'TypeError', message: `TypeError: ${ADDRESS}: odd`, ...unasked });
  expect(odd).not.toHaveProperty('down');
  expect(socketFailure(ADDRESS, 'thrown text')).toMatchObject({
    errorCode: 'UnknownError',
    cause: 'thrown text',
    ...unasked,
  });
});
