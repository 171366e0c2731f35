import { listPayoutsQuerySchema } from '../payouts/list-payouts.ts';
import { jsonResponse, problemResponses, textResponse } from './responses.ts';
import { queryParameters, refTo } from './schemas.ts';

const payoutId = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
const requestId = { $ref: '#/components/parameters/RequestId' };

/** Problems that any audited route can have. */
const ALWAYS = ['UNAUTHORIZED', 'FORBIDDEN', 'INTERNAL', 'UNAVAILABLE'] as const;

/** Every route of the server, without the files behind /docs. */
export const paths = {
  '/v1/payouts': {
    post: {
      operationId: 'createPayout',
      tags: ['payouts'],
      summary: 'Ask for a payout',
      description:
        'Accepts a payout and answers at once; it is signed, submitted and followed after that. The `Idempotency-Key` is bound to the payout for good: the same key with the same body gives the first answer again, with `Idempotency-Replayed: true`. A refused request binds nothing. Needs the scope `payouts:write`.',
      parameters: [
        {
          name: 'Idempotency-Key',
          in: 'header',
          required: true,
          description: 'Chosen by the client, new for each payout; 1–255 printable ASCII characters.',
          schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
          example: 'invoice-42',
        },
        requestId,
      ],
      requestBody: { required: true, content: { 'application/json': { schema: refTo('CreatePayout') } } },
      responses: {
        202: jsonResponse('Accepted, now or before.', 'Payout', {
          location: { description: 'The path of the payout.', schema: { type: 'string' } },
          'idempotency-replayed': {
            description: '`true` where this is the first answer given again; absent otherwise.',
            schema: { type: 'string', const: 'true' },
          },
        }),
        ...problemResponses(
          'VALIDATION_FAILED',
          'IDEMPOTENCY_KEY_MISSING',
          'IDEMPOTENCY_KEY_IN_FLIGHT',
          'EXTERNAL_ID_TAKEN',
          'PAYLOAD_TOO_LARGE',
          'UNSUPPORTED_MEDIA_TYPE',
          'IDEMPOTENCY_KEY_REUSED',
          ...ALWAYS,
        ),
      },
    },
    get: {
      operationId: 'listPayouts',
      tags: ['payouts'],
      summary: 'List payouts, newest first',
      description: 'Filters combine. Needs the scope `payouts:read`.',
      parameters: [...queryParameters(listPayoutsQuerySchema), requestId],
      responses: { 200: jsonResponse('One page.', 'PayoutPage'), ...problemResponses('VALIDATION_FAILED', ...ALWAYS) },
    },
  },
  '/v1/payouts/{id}': {
    get: {
      operationId: 'getPayout',
      tags: ['payouts'],
      summary: 'Show one payout',
      description: 'Needs the scope `payouts:read`.',
      parameters: [payoutId, requestId],
      responses: { 200: jsonResponse('The payout.', 'Payout'), ...problemResponses('NOT_FOUND', ...ALWAYS) },
    },
  },
  '/v1/payouts/{id}/approvals': {
    get: {
      operationId: 'getPayoutApprovals',
      tags: ['payouts'],
      summary: 'Show what there is to approve of a payout, and who has',
      description:
        'The terms that an approver signs for, and every approval that is here. Needs the scope `payouts:read`.',
      parameters: [payoutId, requestId],
      responses: {
        200: jsonResponse('The terms.', 'PayoutApprovals'),
        ...problemResponses('NOT_FOUND', 'PAYER_UNKNOWN', ...ALWAYS),
      },
    },
    post: {
      operationId: 'approvePayout',
      tags: ['payouts'],
      summary: 'Approve a payout',
      description:
        'Takes the SSH signature of an approver over the terms of the payout and an expiry. It is checked here as a signature of exactly these; the signer checks it again, and its policy alone says whose counts. One is kept for each key: the same one again changes nothing, one with another expiry takes its place. A payout with the status `needs_approval` becomes `approved` and is put to the signer again. Needs the scope `payouts:approve`.',
      parameters: [payoutId, requestId],
      requestBody: { required: true, content: { 'application/json': { schema: refTo('ApprovePayout') } } },
      responses: {
        200: jsonResponse('The terms, and who has approved them now.', 'PayoutApprovals'),
        ...problemResponses(
          'VALIDATION_FAILED',
          'NOT_FOUND',
          'PAYOUT_ENDED',
          'PAYER_UNKNOWN',
          'PAYLOAD_TOO_LARGE',
          'UNSUPPORTED_MEDIA_TYPE',
          ...ALWAYS,
        ),
      },
    },
  },
  '/livez': {
    get: {
      operationId: 'livez',
      tags: ['operations'],
      summary: 'The process runs',
      security: [],
      responses: { 200: jsonResponse('It runs.', 'Status') },
    },
  },
  '/readyz': {
    get: {
      operationId: 'readyz',
      tags: ['operations'],
      summary: 'The database and the signer answer',
      security: [],
      responses: { 200: jsonResponse('Both answer.', 'Status'), ...problemResponses('UNAVAILABLE') },
    },
  },
  '/openapi.json': {
    get: {
      operationId: 'openapi',
      tags: ['operations'],
      summary: 'This document',
      security: [],
      responses: {
        200: {
          description: 'OpenAPI 3.1.',
          headers: { 'x-request-id': { $ref: '#/components/headers/RequestId' } },
          content: { 'application/json': { schema: { type: 'object' } } },
        },
      },
    },
  },
  '/docs': {
    get: {
      operationId: 'docs',
      tags: ['operations'],
      summary: 'This document as a page',
      security: [],
      responses: { 200: textResponse('A page for people.', 'text/html') },
    },
  },
};
