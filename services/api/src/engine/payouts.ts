import type { AssetId, ChainId } from '@countersign/chains/caip';
import { memoOf, type StellarMemo } from '@countersign/chains/transfer';
import type { Pool, PoolClient } from '@countersign/runtime/postgres';

export type PayoutStatus =
  | 'created'
  | 'needs_approval'
  | 'approved'
  | 'signing'
  | 'submitted'
  | 'confirming'
  | 'completed'
  | 'failed'
  | 'canceled'
  | 'indeterminate';

/** In the queue. */
export const WAITING: readonly PayoutStatus[] = ['created', 'approved'];

/** A payout, as the engine needs it. */
export interface Payout {
  readonly id: string;
  readonly chain: ChainId;
  readonly asset: AssetId;
  /** Smallest units. */
  readonly amount: bigint;
  /** Fraction digits of its smallest unit, as it was configured when the payout was accepted. */
  readonly decimals: number;
  readonly destination: string;
  readonly memo: StellarMemo | undefined;
  readonly keyId: string;
  readonly status: PayoutStatus;
  /** Of the HTTP request that created it. */
  readonly requestId: string;
}

interface PayoutRow {
  readonly id: string;
  readonly chain: string;
  readonly asset: string;
  readonly amount: string;
  readonly decimals: number;
  readonly destination: string;
  readonly memo_type: 'text' | 'id' | 'hash' | 'return' | null;
  readonly memo_value: string | null;
  readonly key_id: string;
  readonly status: PayoutStatus;
  readonly request_id: string;
}

const COLUMNS =
  'p.id, p.chain, p.asset, p.amount, p.decimals, p.destination, p.memo_type, p.memo_value, p.key_id, p.status, p.request_id';

/** Payouts that nobody has taken up yet, the oldest first. */
export async function waitingPayouts(pool: Pool, chain: ChainId, keyId: string, limit: number): Promise<Payout[]> {
  const { rows } = await pool.query<PayoutRow>(
    `select ${COLUMNS} from payouts p where p.key_id = $2 and p.status in ('created', 'approved') and p.chain = $1
     order by p.created_at, p.id limit $3`,
    [chain, keyId, limit],
  );
  return rows.map(payoutOf);
}

/** What payouts in flight will take out of a treasury, by asset, in smallest units; `except` are not counted. */
export async function amountsInFlight(
  pool: Pool,
  chain: ChainId,
  keyId: string,
  except: readonly string[] = [],
): Promise<ReadonlyMap<AssetId, bigint>> {
  const { rows } = await pool.query<{ asset: string; sum: string }>(
    `select asset, sum(amount) as sum from payouts
     where chain = $1 and key_id = $2 and status in ('signing', 'submitted', 'confirming', 'indeterminate') and id <> all($3)
     group by asset`,
    [chain, keyId, except],
  );
  return new Map(rows.map(({ asset, sum }) => [asset as AssetId, BigInt(sum)]));
}

/** The payouts that `join` (SQL after `from payouts p`) selects, in its order. */
export async function selectPayouts(
  sql: Pool | PoolClient,
  join: string,
  values: readonly unknown[],
): Promise<Payout[]> {
  const { rows } = await sql.query<PayoutRow>(`select ${COLUMNS} from payouts p ${join}`, [...values]);
  return rows.map(payoutOf);
}

export function payoutIds(payouts: readonly Payout[]): string[] {
  return payouts.map(({ id }) => id);
}

function payoutOf(row: PayoutRow): Payout {
  return {
    id: row.id,
    // Checked against the configuration when the payout was accepted.
    chain: row.chain as ChainId,
    asset: row.asset as AssetId,
    amount: BigInt(row.amount),
    decimals: row.decimals,
    destination: row.destination,
    memo: row.memo_type === null || row.memo_value === null ? undefined : memoOf(row.memo_type, row.memo_value),
    keyId: row.key_id,
    status: row.status,
    requestId: row.request_id,
  };
}
