import { randomUUID } from 'node:crypto';
import type { AuditEvent } from '@countersign/audit/event';
import type { CountersignError } from '@countersign/contract/errors';
import type { Call } from '../context.ts';
import { shown } from './shown.ts';

/** What a call was that signed nothing, and how it ended. */
export interface ReadFindings {
  /** `SignTransaction` is one whose message could not be read. */
  readonly name: 'ListKeys' | 'GetKey' | 'SignTransaction';
  readonly call: Call;
  readonly at: Date;
  readonly caller: string | undefined;
  readonly requestParameters: Readonly<Record<string, string>>;
  readonly refusal: CountersignError | undefined;
}

/** The event of a call that changes nothing. Such calls have no request id of the caller's, so they get one here. */
export function readEvent({ name, call, at, caller, requestParameters, refusal }: ReadFindings): AuditEvent {
  const shownParameters = Object.entries(requestParameters).map(([field, text]) => [field, shown(text)]);
  return {
    eventVersion: '1.0',
    eventID: randomUUID(),
    eventTime: at.toISOString(),
    eventSource: 'signer.countersign',
    eventName: name,
    eventType: 'SignerCall',
    userIdentity:
      caller === undefined ? { type: 'Anonymous', principalId: 'unknown' } : { type: 'SpiffeId', principalId: caller },
    sourceIPAddress: call.peer,
    userAgent: shown(call.userAgent),
    requestID: randomUUID(),
    requestParameters: Object.fromEntries(shownParameters),
    responseElements: null,
    ...(refusal === undefined ? {} : { errorCode: refusal.code, errorMessage: shown(refusal.message, 500) }),
    readOnly: name !== 'SignTransaction',
    resources: [],
    additionalEventData:
      refusal === undefined
        ? {}
        : { reasons: refusal.reasons.map(({ code, message }) => ({ code, message: shown(message, 500) })) },
  };
}
