import swagger, { type StaticDocumentSpec } from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyPluginAsync } from 'fastify';
import { openApiDocument } from './document.ts';

// Only what the page brings itself: it works offline, and nothing is sent anywhere but to this server.
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Serves the OpenAPI document as a page at /docs. */
export const docsPlugin: FastifyPluginAsync = async (docs) => {
  docs.addHook('onRoute', (route) => {
    route.config = { ...route.config, access: 'public' };
  });
  // The plugin passes the document on as it is; its types end at OpenAPI 3.0.
  const document = openApiDocument as unknown as StaticDocumentSpec['document'];
  await docs.register(swagger, { mode: 'static', specification: { document } });
  await docs.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: POLICY,
    uiConfig: { validatorUrl: null },
    theme: { title: 'Countersign API' },
  });
};
