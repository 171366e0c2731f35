import { parseArgs } from 'node:util';
import { z } from 'zod';
import { API_OPTIONS, openApi } from '../api/api.ts';
import type { Command } from '../command.ts';
import { ClientError } from '../error.ts';
import { visible } from '../text/visible.ts';

const pageSchema = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      status: z.string(),
      amount: z.string(),
      asset: z.string(),
      destination: z.string(),
      reason: z.object({ code: z.string() }).nullable(),
    }),
  ),
  has_more: z.boolean(),
});

export const payoutsListCommand: Command = {
  name: 'payouts list',
  parameters: '--api URL [--status needs_approval] [--limit 20] [--after PAYOUT_ID] [--api-key-file FILE]',
  summary: 'lists payouts, the newest first, one a line',
  run: async (args, io) => {
    const text = { type: 'string' } as const;
    const options = { ...API_OPTIONS, status: text, limit: text, after: text };
    const { values } = parseArgs({ args: [...args], options });
    const query = new URLSearchParams();
    for (const name of ['status', 'limit', 'after'] as const) {
      const value = values[name];
      if (value !== undefined) query.set(name, value);
    }
    const page = pageSchema.safeParse(await openApi(values, io).get(`/v1/payouts?${query}`));
    if (!page.success) throw new ClientError('API_UNREACHABLE', 'the API answers with something that is no list');
    for (const payout of page.data.data) {
      const { id, amount, asset, destination, reason } = payout;
      io.out(`${visible([id, payout.status, amount, asset, destination, reason?.code ?? '-'].join('  '))}\n`);
    }
    const last = page.data.data.at(-1);
    if (page.data.has_more && last !== undefined) io.err(`more: --after ${visible(last.id)}\n`);
  },
};
