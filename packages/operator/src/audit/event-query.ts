import { z } from 'zod';
import type { ExportedEvent } from './exported-line.ts';

/** What is looked for; all that is given has to fit. */
export interface EventQuery {
  readonly request?: string | undefined;
  readonly payout?: string | undefined;
  readonly key?: string | undefined;
  /** SPIFFE ID. */
  readonly caller?: string | undefined;
  /** A request id that the key backend gave: `requestID` in CloudTrail's record of kms:Sign. */
  readonly kmsRequest?: string | undefined;
  /** At this time or later. */
  readonly since?: Date | undefined;
  /** Before this time. */
  readonly until?: Date | undefined;
  readonly denied: boolean;
}

const payoutsSchema = z.array(z.looseObject({ payoutId: z.string() })).catch([]);
const attemptsSchema = z.array(z.looseObject({ requestId: z.string().optional() })).catch([]);

export function matches(event: ExportedEvent, query: EventQuery): boolean {
  const is = (wanted: string | undefined, found: readonly string[]): boolean =>
    wanted === undefined || found.includes(wanted);
  const at = Date.parse(event.eventTime);
  return (
    is(query.request, [event.requestID]) &&
    is(query.payout, payoutIds(event)) &&
    is(query.key, keyIds(event)) &&
    is(query.caller, [event.userIdentity.principalId]) &&
    is(query.kmsRequest, backendRequestIds(event)) &&
    (query.since === undefined || at >= query.since.getTime()) &&
    (query.until === undefined || at < query.until.getTime()) &&
    (!query.denied || isDenied(event))
  );
}

export function payoutIds({ requestParameters }: ExportedEvent): string[] {
  return payoutsSchema.parse(requestParameters?.['payouts']).map(({ payoutId }) => payoutId);
}

export function backendRequestIds({ additionalEventData }: ExportedEvent): string[] {
  const attempts = attemptsSchema.parse(additionalEventData['backendAttempts']);
  return attempts.flatMap(({ requestId }) => (requestId === undefined ? [] : [requestId]));
}

export function keyIds({ requestParameters, resources }: ExportedEvent): string[] {
  const asked = requestParameters?.['keyId'];
  return [...new Set([...(typeof asked === 'string' ? [asked] : []), ...resources.map(({ id }) => id)])];
}

/**
 * `succeeded`, `reserved`, `denied`, `failed`, `unknown`; of a call that only reads, what its error code says: it asks no key backend, so
 * what did not succeed and was not denied is `unknown`.
 */
export function outcomeOf({ additionalEventData, errorCode }: ExportedEvent): string {
  const { outcome } = additionalEventData;
  if (typeof outcome === 'string') return outcome;
  if (errorCode === undefined) return 'succeeded';
  return errorCode === 'INTERNAL' || errorCode === 'STORE_UNAVAILABLE' ? 'unknown' : 'denied';
}

function isDenied(event: ExportedEvent): boolean {
  return outcomeOf(event) === 'denied';
}
