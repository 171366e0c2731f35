import type { AuditEvent } from '@countersign/audit/event';
import type { RouteAccess, Scope } from './access/route-access.ts';

/** What is known of one request so far; the audit event is made from it. */
export interface RequestTrace {
  readonly receivedAt: Date;
  caller: Caller;
  parameters: AuditEvent['requestParameters'];
  response: AuditEvent['responseElements'];
  resources: AuditEvent['resources'];
  failure: { readonly code: string; readonly message: string } | undefined;
  /** True once its audit event is committed. */
  recorded: boolean;
}

export type Caller = { readonly type: 'Anonymous' } | ApiKeyCaller;

export interface ApiKeyCaller {
  readonly type: 'ApiKey';
  readonly id: string;
  readonly scopes: readonly Scope[];
}

declare module 'fastify' {
  interface FastifyRequest {
    trace: RequestTrace;
  }
  interface FastifyContextConfig {
    access?: RouteAccess;
  }
}

export function newTrace(): RequestTrace {
  return {
    receivedAt: new Date(),
    caller: { type: 'Anonymous' },
    parameters: null,
    response: null,
    resources: [],
    failure: undefined,
    recorded: false,
  };
}
