import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { KeyId } from './keys.ts';

const POLL_MS = 100;
const REQUEST_TIMEOUT_MS = 10_000;
const ENDS: ReadonlySet<string> = new Set(['completed', 'failed', 'canceled']);

const payoutSchema = z.object({
  id: z.string(),
  chain: z.string(),
  asset: z.string(),
  amount: z.string(),
  destination: z.string(),
  status: z.string(),
  hash: z.string().nullable(),
  key: z.string(),
  path: z.string().nullable(),
  reason: z.object({ code: z.string(), detail: z.string() }).nullable(),
});

/** A payout as the API shows it; what nobody here reads is left out. */
export type Payout = z.output<typeof payoutSchema>;

export interface Order {
  readonly key: KeyId;
  /** CAIP-19. */
  readonly asset: string;
  /** Decimal, in whole units of the asset. */
  readonly amount: string;
  readonly destination: string;
}

export interface PayoutsClient {
  /** Orders a payout under a fresh Idempotency-Key. */
  order(order: Order): Promise<Payout>;
  /** Looks at the payout until it has ended, or until `timeoutMs` have passed, and returns it as it is then. */
  follow(id: string, options: { readonly timeoutMs: number; readonly signal: AbortSignal }): Promise<Payout>;
}

/** A client of the API's payouts. Every call throws an Error with the API's answer unless that is a payout. */
export function createPayoutsClient(apiUrl: string, apiKey: string): PayoutsClient {
  async function call(path: string, init: RequestInit = {}): Promise<Payout> {
    const response = await fetch(`${apiUrl}${path}`, {
      ...init,
      headers: {
        authorization: `Bearer ${apiKey}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return payoutSchema.parse(JSON.parse(text));
  }

  return {
    order: (order) => call('/v1/payouts', { method: 'POST', body: JSON.stringify(order) }),
    follow: async (id, { timeoutMs, signal }) => {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const payout = await call(`/v1/payouts/${id}`);
        if (ENDS.has(payout.status) || Date.now() > deadline) return payout;
        await delay(POLL_MS, undefined, { signal });
      }
    },
  };
}
