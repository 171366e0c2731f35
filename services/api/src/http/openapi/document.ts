import { ID } from '@countersign/chains/id';
import { paths } from './paths.ts';
import { componentSchemas } from './schemas.ts';

const REQUEST_ID = { type: 'string', pattern: ID.source };

const description = `Countersign moves money without letting the machine that faces the internet hold a key. This API accepts
payouts and approvals of them, shows them, and never signs: each is signed behind a wall by the signer, by its own policy.

Assets are CAIP-19 ids, chains CAIP-2. Money is a decimal string. Every error is a problem (RFC 9457) with a stable
\`code\`; an unknown path is \`NOT_FOUND\`, a known one with another method \`METHOD_NOT_ALLOWED\` with an \`Allow\` header.
Every answer carries \`x-request-id\`, which the audit log has too.`;

/** The OpenAPI 3.1 document of this API. */
export const openApiDocument = {
  openapi: '3.1.1' as const,
  info: {
    title: 'Countersign API',
    version: '1',
    description,
    license: { name: 'Apache License 2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: '/' }],
  security: [{ apiKey: [] }],
  tags: [
    { name: 'payouts', description: 'Ask for payouts and watch them' },
    { name: 'operations', description: 'Health, metrics, documentation; without an API key' },
  ],
  paths,
  components: {
    schemas: componentSchemas(),
    securitySchemes: {
      apiKey: {
        type: 'http' as const,
        scheme: 'bearer',
        bearerFormat: 'cs_…',
        description:
          'An API key, shown once when it is made, with the scopes `payouts:read`, `payouts:write` and `payouts:approve`, or some of them.',
      },
    },
    parameters: {
      RequestId: {
        name: 'X-Request-Id',
        in: 'header',
        required: false,
        description: "The client's own id of this request; one is made where it is missing or not well formed.",
        schema: REQUEST_ID,
      },
    },
    headers: {
      RequestId: { description: 'The id of this request, also in the audit log.', required: true, schema: REQUEST_ID },
      RetryAfter: { description: 'Seconds.', schema: { type: 'integer' } },
      WwwAuthenticate: { description: 'RFC 6750.', schema: { type: 'string' } },
    },
  },
};
