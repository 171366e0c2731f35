import type { AuditEvent } from '../src/event.ts';

let events = 0;

/** An event like any other, but for these changes; each has an id of its own. */
export function anEvent(changes: Partial<AuditEvent> = {}): AuditEvent {
  events++;
  return {
    eventVersion: '1.0',
    eventID: `event-${events}`,
    eventTime: '2026-11-21T20:00:00.000Z',
    eventSource: 'signer.countersign',
    eventName: 'ListKeys',
    eventType: 'SignerCall',
    userIdentity: { type: 'SpiffeId', principalId: 'spiffe://countersign.dev/api' },
    sourceIPAddress: '127.0.0.1',
    userAgent: 'test',
    requestID: `at_${events}`,
    requestParameters: { text: 'Ünïcode "quoted" \n line' },
    responseElements: null,
    readOnly: true,
    resources: [],
    additionalEventData: {},
    ...changes,
  };
}
