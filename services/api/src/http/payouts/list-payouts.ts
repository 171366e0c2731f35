import { parseAssetId } from '@countersign/chains/caip';
import type { Pool } from 'pg';
import { z } from 'zod';
import { validationFailed } from '../problem/validation.ts';
import { externalIdSchema } from './create-payout-body.ts';
import {
  PAYOUT_COLUMNS,
  PAYOUT_STATUSES,
  type Payout,
  type PayoutRow,
  payoutIdSchema,
  payoutOf,
  payoutSchema,
} from './payout-resource.ts';
import { plainText } from './plain-text.ts';

const time = z.iso.datetime({ offset: true }).meta({ description: 'RFC 3339; exclusive.' });

/** The query of GET /v1/payouts, as text; each parameter at most once. */
export const listPayoutsQuerySchema = z.strictObject({
  limit: z
    .string()
    .regex(/^[0-9]{1,4}$/, 'expected a number from 1 to 100')
    .transform(Number)
    .pipe(z.int().min(1).max(100))
    .default(20)
    .meta({ description: 'How many at most.' }),
  after: payoutIdSchema.meta({ description: 'The id of the last payout of the page before.' }).optional(),
  status: z.enum(PAYOUT_STATUSES).optional(),
  chain: plainText(64).meta({ description: 'CAIP-2.' }).optional(),
  asset: plainText(128).transform(canonical).pipe(plainText(128)).meta({ description: 'CAIP-19.' }).optional(),
  key: plainText(64).optional(),
  external_id: externalIdSchema.optional(),
  created_after: time.optional(),
  created_before: time.optional(),
});

/** Payouts have their asset in its one canonical spelling. */
function canonical(asset: string): string {
  try {
    return parseAssetId(asset).id;
  } catch {
    return asset;
  }
}

export type ListPayoutsQuery = z.output<typeof listPayoutsQuerySchema>;

export const payoutPageSchema = z
  .object({
    data: z.array(payoutSchema).meta({ description: 'Newest first.' }),
    has_more: z.boolean().meta({ description: 'True when more follow: ask with `after` set to the last id.' }),
  })
  .meta({ id: 'PayoutPage' });

export type PayoutPage = z.output<typeof payoutPageSchema>;

/**
 * One page, newest first. Pages are cut by creation time and id, which never change, so that payouts made meanwhile
 * neither repeat nor hide one.
 */
export async function listPayouts(pool: Pool, query: ListPayoutsQuery): Promise<PayoutPage> {
  const conditions: string[] = [];
  const values: unknown[] = [];
  const where = (condition: (...placeholders: string[]) => string, ...given: unknown[]) => {
    const placeholders = given.map((value) => `$${values.push(value)}`);
    conditions.push(condition(...placeholders));
  };
  if (query.status !== undefined) where((status) => `status = ${status}`, query.status);
  if (query.chain !== undefined) where((chain) => `chain = ${chain}`, query.chain);
  if (query.asset !== undefined) where((asset) => `asset = ${asset}`, query.asset);
  if (query.key !== undefined) where((key) => `key_id = ${key}`, query.key);
  if (query.external_id !== undefined) where((id) => `external_id = ${id}`, query.external_id);
  if (query.created_after !== undefined) where((time) => `created_at > ${time}`, new Date(query.created_after));
  if (query.created_before !== undefined) where((time) => `created_at < ${time}`, new Date(query.created_before));
  if (query.after !== undefined) {
    const last = await findCursor(pool, query.after);
    where((time, id) => `(created_at, id) < (${time}, ${id})`, last.created_at, last.id);
  }
  // One more than asked tells whether any follow.
  const { rows } = await pool.query<PayoutRow>(
    `select ${PAYOUT_COLUMNS} from payouts
     ${conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`}
     order by created_at desc, id desc limit ${query.limit + 1}`,
    values,
  );
  const data: Payout[] = rows.slice(0, query.limit).map(payoutOf);
  return { data, has_more: rows.length > query.limit };
}

async function findCursor(pool: Pool, id: string): Promise<{ created_at: Date; id: string }> {
  const { rows } = await pool.query<{ created_at: Date; id: string }>(
    'select created_at, id from payouts where id = $1',
    [id],
  );
  const [row] = rows;
  if (row !== undefined) return row;
  throw validationFailed([{ field: 'after', code: 'UNKNOWN_CURSOR', message: 'expected the id of a payout' }]);
}
