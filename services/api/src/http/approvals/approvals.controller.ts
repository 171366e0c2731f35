import { Body, Controller, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { AppContext } from '../../app/context.ts';
import { CONTEXT } from '../../app/context-token.ts';
import { unauthorized } from '../access/authenticate.ts';
import { Access } from '../access/route-access.ts';
import { apiEvent } from '../audit/api-event.ts';
import type { PayoutApprovals } from './approvals-resource.ts';
import { approvePayout } from './approve-payout.ts';
import { getApprovals } from './get-approvals.ts';

@Controller('v1/payouts/:id/approvals')
export class ApprovalsController {
  readonly #context: AppContext;

  constructor(@Inject(CONTEXT) context: AppContext) {
    this.#context = context;
  }

  @Get()
  @Access({ scope: 'payouts:read', event: 'GetPayoutApprovals', readOnly: true })
  async get(@Req() request: FastifyRequest, @Param('id') id: string): Promise<PayoutApprovals> {
    request.trace.parameters = { id };
    const approvals = await getApprovals(this.#context, id, unixNow());
    request.trace.resources = [{ type: 'Payout', id: approvals.payout }];
    return approvals;
  }

  @Post()
  @HttpCode(200)
  @Access({ scope: 'payouts:approve', event: 'ApprovePayout', readOnly: false })
  async approve(
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @Body() body: unknown,
  ): Promise<PayoutApprovals> {
    const { trace } = request;
    if (trace.caller.type !== 'ApiKey') throw unauthorized();
    trace.parameters = { id };
    const answer = await approvePayout(this.#context, {
      payoutId: id,
      apiKeyId: trace.caller.id,
      requestId: request.id,
      body,
      now: unixNow(),
      stored: ({ fingerprint, expiresAt }, added) =>
        apiEvent(request, {
          ...trace,
          parameters: { id, fingerprint, expires_at: Number(expiresAt) },
          response: { added },
          resources: [{ type: 'Payout', id }],
        }),
    });
    trace.recorded = true;
    return answer;
  }
}

function unixNow(): bigint {
  return BigInt(Math.floor(Date.now() / 1000));
}
