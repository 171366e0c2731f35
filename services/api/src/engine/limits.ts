import type { AssetId, ChainId } from '@countersign/chains/caip';
import type { Pool } from '@countersign/runtime/postgres';
import { cleanText } from './clean-text.ts';
import type { Change } from './commit.ts';
import type { EngineContext } from './context.ts';
import type { PayoutReason } from './move-payouts.ts';

export const LIMIT_REACHED = 'LIMIT_REACHED';

/** SQL over payouts `p`: no limit stands in the way, as far as is known. */
export const WITHIN_LIMITS = `not exists (
  select from payout_limits l
  where l.chain = p.chain and l.key_id = p.key_id and l.asset = p.asset and l.amount <= p.amount and l.until > now())`;

interface Exceeded {
  readonly chain: ChainId;
  readonly keyId: string;
  readonly asset: AssetId;
  /** Smallest units: what the signer had no room for; 0 where it takes nothing at all now. */
  readonly amount: bigint;
  readonly reason: PayoutReason;
}

/**
 * Notes what a treasury cannot have signed now: until the hold is over, payouts of that asset and of this amount or above wait,
 * and say so; smaller ones may still find room, other assets and treasuries are not concerned.
 */
export async function noteLimit(
  context: EngineContext,
  { sql }: Change,
  { chain, keyId, asset, amount, reason }: Exceeded,
): Promise<void> {
  const { limitHoldMs, backoffMs } = context.timing;
  const holdMs = reason.code === LIMIT_REACHED ? limitHoldMs : backoffMs.longest;
  await sql.query(
    `insert into payout_limits as l (chain, key_id, asset, amount, until)
     values ($1, $2, $3, $4, now() + $5 * interval '1 millisecond')
     on conflict (chain, key_id, asset) do update set until = excluded.until,
       amount = case when l.until > now() then least(l.amount, excluded.amount) else excluded.amount end`,
    [chain, keyId, asset, amount, holdMs],
  );
  await sql.query(
    `update payouts set reason_code = $5, reason_detail = $6, updated_at = now()
     where id in (
       select id from payouts where chain = $1 and key_id = $2 and asset = $3 and amount >= $4
         and status in ('created', 'approved') and reason_code is distinct from $5
       for update skip locked)`,
    [chain, keyId, asset, amount, reason.code, cleanText(reason.detail)],
  );
}

/** The assets of a treasury that a limit was reached in a while ago: what is asked next is asked for one payout alone. */
export async function limitedAssets(
  { pool, timing }: { readonly pool: Pool } & Pick<EngineContext, 'timing'>,
  chain: ChainId,
  keyId: string,
): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ asset: string }>(
    `select asset from payout_limits where chain = $1 and key_id = $2 and until > now() - $3 * interval '1 millisecond'`,
    [chain, keyId, timing.limitHoldMs],
  );
  return new Set(rows.map(({ asset }) => asset));
}
