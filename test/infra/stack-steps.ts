import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { z } from 'zod';
import { until } from '../harness/until.ts';
import type { Container } from './container.ts';

export const stateSchema = z.object({
  destinations: z.object({ stellar: z.array(z.string()), evm: z.array(z.string()) }),
});
const payoutSchema = z.object({
  id: z.string(),
  status: z.string(),
  path: z.string().nullable(),
  reason: z.object({ code: z.string(), detail: z.string() }).nullable(),
});

export async function pay(api: string, key: string, body: unknown): Promise<z.output<typeof payoutSchema>> {
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    'idempotency-key': randomUUID(),
  };
  const ordered = await fetch(`${api}/v1/payouts`, { method: 'POST', headers, body: JSON.stringify(body) });
  let payout = payoutSchema.parse(await ordered.json());
  await until(
    'the payout has ended',
    async () => {
      payout = payoutSchema.parse(await (await fetch(`${api}/v1/payouts/${payout.id}`, { headers })).json());
      return ['completed', 'failed', 'canceled'].includes(payout.status);
    },
    60_000,
  );
  return payout;
}

export async function finish(container: Container): Promise<{ code: number | null; output: string }> {
  const code = await container.ended;
  return { code, output: container.output() };
}

export function runProgram(command: string, args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(command, args, { stdio: 'ignore', env });
  const ended = once(child, 'exit');
  return {
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

export const portOf = (url: string) => Number(new URL(url).port);
