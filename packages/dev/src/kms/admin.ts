import type { EventLog } from './events.ts';
import type { Faults } from './faults.ts';

export interface AdminAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Paths under this are the emulator's own: no signature, no AWS protocol. */
export const ADMIN_PREFIX = '/_dev/';

/**
 * - `GET /_dev/faults`: the state; `PUT`: replaces it; `POST`: adds one fault; `DELETE`: clears everything.
 * - `GET /_dev/events`: the log of calls; `DELETE`: empties it.
 */
export function administer(
  method: string,
  path: string,
  body: Uint8Array,
  faults: Faults,
  events: EventLog,
): AdminAnswer {
  try {
    return { status: 200, body: perform(`${method} ${path}`, body, faults, events) };
  } catch (error) {
    return { status: 400, body: { error: error instanceof Error ? error.message : String(error) } };
  }
}

function perform(request: string, body: Uint8Array, faults: Faults, events: EventLog): unknown {
  const json = () => JSON.parse(Buffer.from(body).toString('utf8'));
  switch (request) {
    case 'GET /_dev/faults':
      return faults.state();
    case 'PUT /_dev/faults':
      faults.set(json());
      return faults.state();
    case 'POST /_dev/faults':
      faults.add(json());
      return faults.state();
    case 'DELETE /_dev/faults':
      faults.clear();
      return faults.state();
    case 'GET /_dev/events':
      return { events: events.all() };
    case 'DELETE /_dev/events':
      events.clear();
      return { events: [] };
    default:
      throw new Error(`${request}: no such path; there are /_dev/faults and /_dev/events`);
  }
}
