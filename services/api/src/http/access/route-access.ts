import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';

export const SCOPES = ['payouts:write', 'payouts:read', 'payouts:approve'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who may call a route. What is public is not audited either; everything else is both. */
export type RouteAccess =
  | 'public'
  | {
      readonly scope: Scope;
      /** The audit event's name. */
      readonly event: string;
      readonly readOnly: boolean;
    };

/** Declares a route's access. A route without it keeps the server from starting. */
export const Access = (access: RouteAccess) => RouteConfig({ access });

/** Whether a request reached a public route. */
export function isPublic(request: FastifyRequest): boolean {
  return !request.is404 && request.routeOptions.config.access === 'public';
}
