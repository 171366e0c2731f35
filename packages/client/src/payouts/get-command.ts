import { parseArgs } from 'node:util';
import { API_OPTIONS, openApi } from '../api/api.ts';
import type { Command } from '../command.ts';
import { ClientError } from '../error.ts';
import { visibleJson } from '../text/visible.ts';

export const payoutsGetCommand: Command = {
  name: 'payouts get',
  parameters: 'PAYOUT_ID --api URL [--api-key-file FILE]',
  summary: 'shows one payout as JSON',
  run: async (args, io) => {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: API_OPTIONS });
    const [id, ...more] = positionals;
    if (id === undefined || more.length > 0) throw new ClientError('USAGE', 'expected one payout id');
    io.out(`${visibleJson(await openApi(values, io).get(`/v1/payouts/${encodeURIComponent(id)}`))}\n`);
  },
};
