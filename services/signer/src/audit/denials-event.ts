import { randomUUID } from 'node:crypto';
import type { AuditEvent } from '@countersign/audit/event';
import { isSpiffeId } from '@countersign/contract/peer';
import type { DenialSummary } from '../wall/denial-budget.ts';

/** The event that stands for the refusals of one caller that have none of their own: how many, by code, and since when. */
export function denialsEvent({ caller, since, counts }: DenialSummary, at: Date): AuditEvent {
  const named = isSpiffeId(caller);
  return {
    eventVersion: '1.0',
    eventID: randomUUID(),
    eventTime: at.toISOString(),
    eventSource: 'signer.countersign',
    eventName: 'DenialsSummarised',
    eventType: 'SignerCall',
    userIdentity: named ? { type: 'SpiffeId', principalId: caller } : { type: 'Anonymous', principalId: 'unknown' },
    sourceIPAddress: named ? 'various' : caller,
    userAgent: 'various',
    requestID: randomUUID(),
    requestParameters: { since: since.toISOString() },
    responseElements: null,
    readOnly: true,
    resources: [],
    additionalEventData: { outcome: 'denied', counts: Object.fromEntries(counts) },
  };
}
