import { setTimeout as pause } from 'node:timers/promises';
import type { Stack } from '@countersign/dev/stack';
import { look, type Order, order, type Payout, toEvm, toStellar } from './payouts.ts';

/** One payout of the load, as it ended. */
export interface Paid {
  readonly payout: Payout;
  /** When it was ordered, milliseconds since 1970. */
  readonly at: number;
  /** How long the API took to accept it, its retries included. */
  readonly acceptedMs: number;
  /** From its acceptance to its completion, by the API's clock. */
  readonly paidMs: number;
}

export interface PayoutLoad {
  /** Orders no more. @returns all that were ordered, when each has come to an end */
  stop(): Promise<readonly Paid[]>;
}

// All payouts that wait are looked at, each so often: the load must not be the questions.
const LOOK_MS = 500;

/** Two payouts, one a chain, every so many milliseconds, however long the others take. */
export function startPayoutLoad(stack: Stack, everyMs: number): PayoutLoad {
  const paid: Promise<Paid>[] = [];
  const stopping = new AbortController();
  const run = async () => {
    for (let round = 0; !stopping.signal.aborted; round++) {
      const orders = [toStellar(stack, '2'), toEvm(stack, '0.01', round % stack.recipients.evm.length)];
      paid.push(...orders.map((body) => pay(stack, body)));
      await pause(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      await running;
      return Promise.all(paid);
    },
  };
}

async function pay(stack: Stack, body: Order): Promise<Paid> {
  const at = Date.now();
  const { id } = await order(stack, body);
  const acceptedMs = Date.now() - at;
  for (;;) {
    const payout = await look(stack, id).catch(() => undefined);
    if (payout !== undefined && ['completed', 'failed'].includes(payout.status)) {
      const paidMs = Date.parse(payout.updated_at) - Date.parse(payout.created_at);
      return { payout, at, acceptedMs, paidMs };
    }
    await pause(LOOK_MS);
  }
}

/** What all of these pay, in the smallest unit of each chain. */
export function sumsOf(paid: readonly Paid[]): { stellar: bigint; evm: bigint } {
  const count = (chain: string) => BigInt(paid.filter(({ payout }) => payout.chain.startsWith(chain)).length);
  return { stellar: count('stellar') * 20_000_000n, evm: count('eip155') * 10n ** 16n };
}

/** @param share 0.5 for the median. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
