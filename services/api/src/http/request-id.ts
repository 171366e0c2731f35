import type { IncomingMessage } from 'node:http';
import { ID } from '@countersign/chains/id';
import { newId } from '../ids.ts';

/** The caller's own X-Request-Id where it is one that the signer takes too, else a new one. */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && ID.test(given) ? given : newId('rq');
}
