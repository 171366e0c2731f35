import { randomUUID } from 'node:crypto';
import type { AuditEvent } from '@countersign/audit/event';
import type { FastifyRequest } from 'fastify';
import type { Caller, RequestTrace } from '../request-trace.ts';

const MAX_USER_AGENT = 256;

/** The audit event of one request. */
export function apiEvent(request: FastifyRequest, trace: RequestTrace = request.trace): AuditEvent {
  const access = request.is404 ? undefined : request.routeOptions.config.access;
  const route = access === undefined || access === 'public' ? undefined : access;
  return {
    eventVersion: '1.0',
    eventID: randomUUID(),
    eventTime: trace.receivedAt.toISOString(),
    eventSource: 'api.countersign',
    eventName: route?.event ?? 'UnknownRoute',
    eventType: 'ApiCall',
    userIdentity: identityOf(trace.caller),
    sourceIPAddress: request.ip,
    userAgent: (request.headers['user-agent'] ?? '').slice(0, MAX_USER_AGENT),
    requestID: request.id,
    requestParameters: trace.parameters,
    responseElements: trace.response,
    ...(trace.failure !== undefined && { errorCode: trace.failure.code, errorMessage: trace.failure.message }),
    readOnly: route?.readOnly ?? true,
    resources: trace.resources,
    additionalEventData: {
      method: request.method,
      ...(route !== undefined && { route: request.routeOptions.url ?? '' }),
    },
  };
}

function identityOf(caller: Caller): AuditEvent['userIdentity'] {
  return caller.type === 'ApiKey'
    ? { type: 'ApiKey', principalId: caller.id }
    : { type: 'Anonymous', principalId: 'anonymous' };
}
