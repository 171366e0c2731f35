import type { Socket } from 'node:net';
import { newId } from '../../ids.ts';
import { problemOf } from '../problem/problem.ts';
import { PROBLEM_TYPE } from '../problem/set-problem.ts';
import { validationFailed } from '../problem/validation.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** Answers bytes that are no HTTP request, or come too slowly; nothing is known of who sent them or what was meant. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const requestId = newId('rq');
  const message = 'expected a complete HTTP/1.1 request with headers of at most 16 KiB';
  const refusal = validationFailed([{ field: 'request', code: 'MALFORMED_REQUEST', message }]);
  const body = JSON.stringify(problemOf(refusal, requestId));
  const headers = {
    ...SECURITY_HEADERS,
    'x-request-id': requestId,
    'content-type': PROBLEM_TYPE,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 400 Bad Request\r\n${lines.join('')}\r\n${body}`);
}
