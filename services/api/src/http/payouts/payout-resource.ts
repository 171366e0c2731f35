import { formatAmount } from '@countersign/chains/amount';
import { z } from 'zod';
import { ASSET_EXAMPLE, memoSchema } from './create-payout-body.ts';

export const PAYOUT_STATUSES = [
  'created',
  'needs_approval',
  'approved',
  'signing',
  'submitted',
  'confirming',
  'completed',
  'failed',
  'canceled',
  'indeterminate',
] as const;

const STATUS_MEANING = `\`needs_approval\`: people have to sign for it. \`approved\`: one has, and it is put to the signer again. \`completed\`:
paid, and final. \`failed\`: provably unpaid; pay it under a new id. \`canceled\`: given up by an operator, with nothing signed. \`indeterminate\`:
it may have been paid, and a person looks; never pay it again by hand. The others are on the way.`;

export const payoutIdSchema = z.string().regex(/^po_[0-9a-f]{32}$/, 'expected po_ and 32 hex digits');

/** A payout as the API shows it. */
export const payoutSchema = z
  .object({
    id: payoutIdSchema,
    chain: z.string().meta({ description: 'CAIP-2.' }),
    asset: z.string().meta({ description: 'CAIP-19.' }),
    amount: z.string().meta({ description: 'A decimal number in whole units of the asset.' }),
    destination: z.string(),
    memo: memoSchema.optional(),
    key: z.string().meta({ description: 'The treasury key that pays.' }),
    path: z.enum(['legacy', 'kms']).nullable().meta({ description: 'How the transaction was signed; null before.' }),
    status: z.enum(PAYOUT_STATUSES).meta({ description: STATUS_MEANING }),
    reason: z
      .object({ code: z.string(), detail: z.string() })
      .nullable()
      .meta({ description: 'Why it failed, or why it waits.' }),
    hash: z.string().nullable().meta({ description: 'The transaction that carries it, as the chain names it.' }),
    external_id: z.string().nullable(),
    metadata: z.record(z.string(), z.string()),
    request_id: z.string().meta({ description: 'Of the request that created it.' }),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({
    id: 'Payout',
    examples: [
      {
        id: 'po_019ab3c4d5e6f708192a3b4c5d6e7f80',
        chain: 'stellar:standalone',
        asset: ASSET_EXAMPLE,
        amount: '12.5',
        destination: 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ',
        memo: { type: 'text', value: 'invoice 42' },
        key: 'treasury-stellar',
        path: null,
        status: 'created',
        reason: null,
        hash: null,
        external_id: 'invoice-42',
        metadata: {},
        request_id: 'rq_019ab3c4d5e6f708192a3b4c5d6e7f80',
        created_at: '2026-11-21T12:00:00.000Z',
        updated_at: '2026-11-21T12:00:00.000Z',
      },
    ],
  });

export type Payout = z.output<typeof payoutSchema>;

/** A row of `payouts`. */
export interface PayoutRow {
  readonly id: string;
  readonly chain: string;
  readonly asset: string;
  /** numeric, in smallest units */
  readonly amount: string;
  /** fraction digits of the smallest unit, as they were when the payout was accepted */
  readonly decimals: number;
  readonly destination: string;
  readonly memo_type: 'text' | 'id' | 'hash' | 'return' | null;
  readonly memo_value: string | null;
  readonly key_id: string;
  readonly status: Payout['status'];
  readonly reason_code: string | null;
  readonly reason_detail: string | null;
  readonly hash: string | null;
  readonly path: 'legacy' | 'kms' | null;
  readonly external_id: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly request_id: string;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export const PAYOUT_COLUMNS = `id, chain, asset, amount, decimals, destination, memo_type, memo_value, key_id, status, reason_code,
  reason_detail, hash, path, external_id, metadata, request_id, created_at, updated_at`;

export function payoutOf(row: PayoutRow): Payout {
  return {
    id: row.id,
    chain: row.chain,
    asset: row.asset,
    amount: formatAmount(BigInt(row.amount), row.decimals),
    destination: row.destination,
    ...(row.memo_type !== null && row.memo_value !== null && { memo: { type: row.memo_type, value: row.memo_value } }),
    key: row.key_id,
    path: row.path,
    status: row.status,
    reason: row.reason_code === null ? null : { code: row.reason_code, detail: row.reason_detail ?? '' },
    hash: row.hash,
    external_id: row.external_id,
    metadata: { ...row.metadata },
    request_id: row.request_id,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}
