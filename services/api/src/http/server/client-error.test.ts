import { Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { answerClientError } from './client-error.ts';

describe('the answer to what is no HTTP request', () => {
  test.each(['ECONNRESET', 'HPE_INVALID_METHOD'])('is none where nobody can read it (%s)', (code) => {
    const socket = new Socket();
    if (code !== 'ECONNRESET') socket.end();
    answerClientError(Object.assign(new Error('x'), { code }), socket);
    expect(socket.destroyed).toBe(true);
  });
});
