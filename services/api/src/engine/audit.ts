import { randomUUID } from 'node:crypto';
import type { AuditEvent, JsonObject } from '@countersign/audit/event';
import { cleanText } from './clean-text.ts';
import type { Change } from './commit.ts';
import type { EngineContext } from './context.ts';
import type { PayoutReason } from './move-payouts.ts';
import type { Payout } from './payouts.ts';

export interface EngineEvent {
  readonly name:
    | 'BuildAuthorization'
    | 'SignAuthorization'
    | 'ResolveAuthorization'
    | 'BuildTransaction'
    | 'SignTransaction'
    | 'SubmitTransaction'
    | 'ResolveTransaction'
    | 'PayoutCompleted'
    | 'PayoutFailed'
    | 'PayoutIndeterminate'
    | 'PayoutNeedsApproval';
  /** The attempt (`at_…`), which is also the signer's request id; before there is one, the HTTP request's. */
  readonly requestId: string;
  readonly chain: string;
  readonly keyId: string;
  readonly payouts: readonly Pick<Payout, 'id' | 'requestId'>[];
  readonly parameters?: JsonObject;
  readonly response?: JsonObject;
  readonly error?: PayoutReason;
}

/** Writes an audit event in the commit of what it tells of. It names the HTTP request of every payout, so that both join. */
export async function recordEngineEvent(context: EngineContext, { sql }: Change, event: EngineEvent): Promise<void> {
  const record: AuditEvent = {
    eventVersion: '1.0',
    eventID: randomUUID(),
    eventTime: context.now().toISOString(),
    eventSource: 'api.countersign',
    eventName: event.name,
    eventType: 'ApiCall',
    userIdentity: { type: 'System', principalId: 'payout-engine' },
    sourceIPAddress: 'api.countersign',
    userAgent: 'countersign-payout-engine',
    requestID: event.requestId,
    requestParameters: event.parameters ?? null,
    responseElements: event.response ?? null,
    ...(event.error !== undefined && { errorCode: event.error.code, errorMessage: cleanText(event.error.detail) }),
    readOnly: false,
    resources: [
      { type: 'Countersign::Key', id: event.keyId },
      ...event.payouts.map(({ id }) => ({ type: 'Countersign::Payout', id })),
    ],
    additionalEventData: {
      chain: event.chain,
      payouts: event.payouts.map(({ id, requestId }) => ({ payoutId: id, requestId })),
    },
  };
  await sql.query('insert into audit_events (request_id, event) values ($1, $2)', [record.requestID, record]);
}
