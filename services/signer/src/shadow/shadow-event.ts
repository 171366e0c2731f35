import { randomUUID } from 'node:crypto';
import type { AuditEvent } from '@countersign/audit/event';
import { attemptData } from '../audit/attempt-data.ts';
import { shown } from '../audit/shown.ts';
import type { ShadowResult } from './ask-backend.ts';
import type { Shadowed } from './shadowed.ts';

/**
 * The event of a signature that is asked for beside the one that was answered: `ReserveShadowSignature` before the backend hears
 * of it, `ShadowSignature` once it is known what became of it. The signature itself is thrown away.
 */
export function shadowEvent(
  { requestId, policyDigest, key, backend, message }: Shadowed,
  at: Date,
  result?: ShadowResult,
): AuditEvent {
  return {
    eventVersion: '1.0',
    eventID: randomUUID(),
    eventTime: at.toISOString(),
    eventSource: 'signer.countersign',
    eventName: result === undefined ? 'ReserveShadowSignature' : 'ShadowSignature',
    eventType: 'SignerCall',
    userIdentity: { type: 'System', principalId: 'signer' },
    sourceIPAddress: 'localhost',
    userAgent: 'countersign-signer',
    requestID: shown(requestId),
    requestParameters: { keyId: key.id, backend: backend.name, signingHash: Buffer.from(message).toString('hex') },
    responseElements: null,
    ...(result?.errorCode === undefined ? {} : { errorCode: result.errorCode, errorMessage: result.errorMessage }),
    readOnly: false,
    resources: [{ type: 'Countersign::Key', id: key.id }],
    additionalEventData: {
      outcome: result?.outcome ?? 'reserved',
      policyDigest,
      ...(result === undefined
        ? {}
        : {
            backendAttempts: result.attempts.map(attemptData),
            durationMicroseconds: Math.round(result.durationMs * 1000),
          }),
    },
  };
}
