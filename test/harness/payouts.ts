import { randomUUID } from 'node:crypto';
import type { Stack } from '@countersign/dev/stack';
import { z } from 'zod';
import { ETH, XLM } from './requests.ts';
import { until } from './until.ts';

const payoutSchema = z.object({
  id: z.string(),
  chain: z.string(),
  status: z.string(),
  amount: z.string(),
  hash: z.string().nullable(),
  path: z.string().nullable(),
  reason: z.object({ code: z.string(), detail: z.string() }).nullable(),
  request_id: z.string(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});
export type Payout = z.output<typeof payoutSchema>;

/** The body of POST /v1/payouts. */
export interface Order {
  readonly asset: string;
  readonly amount: string;
  readonly destination: string;
}

export const toStellar = (stack: Stack, amount: string, recipient = 0): Order => ({
  asset: XLM,
  amount,
  destination: stack.recipients.stellar[recipient] ?? '',
});

export const toEvm = (stack: Stack, amount: string, recipient = 0): Order => ({
  asset: ETH,
  amount,
  destination: stack.recipients.evm[recipient] ?? '',
});

/** Any request to the API with its key; JSON in and out. */
export async function callApi(
  stack: Stack,
  path: string,
  init: RequestInit = {},
): Promise<{ status: number; body: unknown }> {
  const headers = { authorization: `Bearer ${stack.apiKey}`, 'content-type': 'application/json', ...init.headers };
  const response = await fetch(`${stack.urls.api}${path}`, { ...init, headers });
  return { status: response.status, body: await response.json() };
}

/** Orders a payout, as often as it takes for an API that is being killed to answer; one Idempotency-Key throughout. */
export async function order(stack: Stack, body: Order, key: string = randomUUID()): Promise<Payout> {
  let accepted: Payout | undefined;
  await until('the payout is accepted', async () => {
    try {
      const init = { method: 'POST', body: JSON.stringify(body), headers: { 'idempotency-key': key } };
      const { status, body: answer } = await callApi(stack, '/v1/payouts', init);
      if (status === 202) accepted = payoutSchema.parse(answer);
      else if (status < 500 && status !== 409) throw new Refused(`${status} ${JSON.stringify(answer)}`);
    } catch (error) {
      if (error instanceof Refused) throw error;
    }
    return accepted !== undefined;
  });
  if (accepted === undefined) throw new Error('expected an accepted payout');
  return accepted;
}

class Refused extends Error {}

export async function look(stack: Stack, id: string): Promise<Payout> {
  const { body } = await callApi(stack, `/v1/payouts/${id}`);
  return payoutSchema.parse(body);
}

/** Waits until a payout is as wanted; what it was last stands in the failure. */
export async function follow(
  stack: Stack,
  id: string,
  wanted: (payout: Payout) => boolean = ({ status }) => status === 'completed',
  withinMs = 60_000,
): Promise<Payout> {
  let last: Payout | undefined;
  try {
    await until(
      `payout ${id} as wanted`,
      async () => {
        last = await look(stack, id).catch(() => last);
        return last !== undefined && wanted(last);
      },
      withinMs,
    );
  } catch (cause) {
    throw new Error(`payout ${id} is ${JSON.stringify(last)}`, { cause });
  }
  if (last === undefined) throw new Error(`no payout ${id}`);
  return last;
}
