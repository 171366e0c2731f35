import { randomUUID } from 'node:crypto';
import type { AuditEvent, JsonObject } from '@countersign/audit/event';
import { newId } from '../../ids.ts';

/** The audit event of a command that an operator ran on the database, outside any request. */
export function operatorEvent(
  eventName: 'CreateApiKey' | 'RevokeApiKey',
  apiKeyId: string,
  requestParameters: JsonObject,
): AuditEvent {
  return {
    eventVersion: '1.0',
    eventID: randomUUID(),
    eventTime: new Date().toISOString(),
    eventSource: 'api.countersign',
    eventName,
    eventType: 'ConfigurationChange',
    userIdentity: { type: 'System', principalId: 'command line' },
    sourceIPAddress: '',
    userAgent: '',
    requestID: newId('rq'),
    requestParameters,
    responseElements: { id: apiKeyId },
    readOnly: false,
    resources: [{ type: 'ApiKey', id: apiKeyId }],
    additionalEventData: {},
  };
}
