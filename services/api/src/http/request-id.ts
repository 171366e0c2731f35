import type { IncomingMessage } from 'node:http';
import { newId } from '../ids.ts';

const WELL_FORMED = /^[A-Za-z0-9._:-]{1,64}$/;

/** The caller's own X-Request-Id where it is well formed (1–64 characters of [A-Za-z0-9._:-]), else a new one. */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && WELL_FORMED.test(given) ? given : newId('rq');
}
