import { CountersignError } from '@countersign/contract/errors';
import type { Pool } from 'pg';
import { PAYOUT_COLUMNS, type Payout, type PayoutRow, payoutIdSchema, payoutOf } from './payout-resource.ts';

export async function getPayout(pool: Pool, id: string): Promise<Payout> {
  return payoutOf(await getPayoutRow(pool, id));
}

/** @throws CountersignError NOT_FOUND */
export async function getPayoutRow(pool: Pool, id: string): Promise<PayoutRow> {
  const { rows } = payoutIdSchema.safeParse(id).success
    ? await pool.query<PayoutRow>(`select ${PAYOUT_COLUMNS} from payouts where id = $1`, [id])
    : { rows: [] };
  const [row] = rows;
  if (row === undefined) throw new CountersignError('NOT_FOUND', 'There is no payout with this id');
  return row;
}
