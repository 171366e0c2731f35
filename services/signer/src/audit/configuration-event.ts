import { randomUUID } from 'node:crypto';
import type { AuditEvent } from '@countersign/audit/event';

type Change = 'StartSigner' | 'SetCustodyPath' | 'SetPolicy' | 'FreezeKey' | 'UnfreezeKey';

/** The event of a change of what is in force, made by an operator through files: `StartSigner`, `SetCustodyPath`, `SetPolicy`, `FreezeKey`, `UnfreezeKey`. */
export function configurationEvent(
  eventName: Change,
  at: Date,
  keyIds: readonly string[],
  requestParameters: AuditEvent['requestParameters'],
  refusal?: { readonly errorCode: string; readonly errorMessage: string },
): AuditEvent {
  return {
    eventVersion: '1.0',
    eventID: randomUUID(),
    eventTime: at.toISOString(),
    eventSource: 'signer.countersign',
    eventName,
    eventType: 'ConfigurationChange',
    userIdentity: { type: 'System', principalId: 'signer' },
    sourceIPAddress: 'localhost',
    userAgent: 'countersign-signer',
    requestID: randomUUID(),
    requestParameters,
    responseElements: null,
    ...refusal,
    readOnly: false,
    resources: keyIds.map((id) => ({ type: 'Countersign::Key', id })),
    additionalEventData: {},
  };
}
