import { Body, Controller, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppContext } from '../../app/context.ts';
import { CONTEXT } from '../../app/context-token.ts';
import { unauthorized } from '../access/authenticate.ts';
import { Access } from '../access/route-access.ts';
import { apiEvent } from '../audit/api-event.ts';
import { fieldErrors, validationFailed } from '../problem/validation.ts';
import { createPayout } from './create-payout.ts';
import { getPayout } from './get-payout.ts';
import { readIdempotencyKey } from './idempotency.ts';
import { listPayouts, listPayoutsQuerySchema, type PayoutPage } from './list-payouts.ts';
import type { Payout } from './payout-resource.ts';

@Controller('v1/payouts')
export class PayoutsController {
  readonly #context: AppContext;

  constructor(@Inject(CONTEXT) context: AppContext) {
    this.#context = context;
  }

  @Post()
  @Access({ scope: 'payouts:write', event: 'CreatePayout', readOnly: false })
  async create(
    @Req() request: FastifyRequest,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { pool, chains } = this.#context;
    const { trace } = request;
    if (trace.caller.type !== 'ApiKey') throw unauthorized();
    const idempotencyKey = readIdempotencyKey(request.headers['idempotency-key']);
    trace.parameters = { idempotencyKey };
    const answer = await createPayout(pool, chains, {
      apiKeyId: trace.caller.id,
      requestId: request.id,
      idempotencyKey,
      body,
      accepted: (payout) => apiEvent(request, { ...trace, ...acceptedTrace(idempotencyKey, payout) }),
    });
    trace.recorded = !answer.replayed;
    trace.resources = [{ type: 'Payout', id: answer.payoutId }];
    trace.response = { id: answer.payoutId, replayed: answer.replayed };
    reply
      .code(answer.status)
      .header('content-type', 'application/json; charset=utf-8')
      .header('location', `/v1/payouts/${answer.payoutId}`);
    if (answer.replayed) reply.header('idempotency-replayed', 'true');
    return answer.body;
  }

  @Get(':id')
  @Access({ scope: 'payouts:read', event: 'GetPayout', readOnly: true })
  async get(@Req() request: FastifyRequest, @Param('id') id: string): Promise<Payout> {
    request.trace.parameters = { id };
    const payout = await getPayout(this.#context.pool, id);
    request.trace.resources = [{ type: 'Payout', id: payout.id }];
    return payout;
  }

  @Get()
  @Access({ scope: 'payouts:read', event: 'ListPayouts', readOnly: true })
  async list(@Req() request: FastifyRequest, @Query() given: unknown): Promise<PayoutPage> {
    const query = listPayoutsQuerySchema.safeParse(given);
    if (!query.success) throw validationFailed(fieldErrors(query.error, given, 'query'));
    request.trace.parameters = definedOnly(query.data);
    const page = await listPayouts(this.#context.pool, query.data);
    request.trace.response = { count: page.data.length };
    return page;
  }
}

function acceptedTrace(idempotencyKey: string, payout: Payout) {
  const { chain, asset, amount, destination, memo, key, external_id, metadata } = payout;
  return {
    parameters: {
      idempotencyKey,
      chain,
      asset,
      amount,
      destination,
      ...(memo && { memo }),
      key,
      external_id,
      metadata,
    },
    response: { id: payout.id, status: payout.status, replayed: false },
    resources: [{ type: 'Payout', id: payout.id }],
  };
}

const definedOnly = <T>(values: Readonly<Record<string, T | undefined>>): Record<string, T> =>
  Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
