import type { AssetId } from '@countersign/chains/caip';
import { cleanText } from '../clean-text.ts';
import { WITHIN_LIMITS } from '../limits.ts';
import type { PayoutReason } from '../move-payouts.ts';
import { type Payout, selectPayouts } from '../payouts.ts';
import type { EvmContext } from './context.ts';

const UNDERFUNDED = 'TREASURY_UNDERFUNDED';
export const OUT_OF_WINDOW = 'NONCE_OUT_OF_WINDOW';

const AT_ONE_LOOK = 20;
/** What a payout shows that was looked at and had to wait: its turn comes after those that have waited longer since. */
const TRIED: readonly string[] = [UNDERFUNDED, 'TOKEN_BALANCE_UNKNOWN', 'GAS_UNKNOWN', 'SIMULATION_UNKNOWN'];

/** What the treasury can pay in one asset now. */
export interface Funds {
  readonly asset: AssetId;
  /** Smallest units: of this amount and below, a payout may be payable. */
  readonly most: bigint;
  /** Why those above it wait. */
  readonly lack: PayoutReason;
}

export function underfunded(asset: AssetId): PayoutReason {
  return { code: UNDERFUNDED, detail: `the treasury has too little of ${asset} to pay it now` };
}

/** Every asset that a payout waits in. */
export async function waitingAssets({ pool, chain, treasury }: EvmContext): Promise<AssetId[]> {
  const { rows } = await pool.query<{ asset: AssetId }>(
    `select distinct asset from payouts where chain = $1 and key_id = $2 and status in ('created', 'approved')`,
    [chain.chain, treasury.key],
  );
  return rows.map(({ asset }) => asset);
}

/** Waiting payouts that there are funds for, and within the limits: the oldest first, those that were tried by their last try. */
export async function payablePayouts(context: EvmContext, funds: readonly Funds[]): Promise<Payout[]> {
  const { pool, chain, treasury } = context;
  return selectPayouts(
    pool,
    `join unnest($3::text[], $4::numeric[]) as f (asset, most) on f.asset = p.asset and p.amount <= f.most
     where p.chain = $1 and p.key_id = $2 and p.status in ('created', 'approved') and ${WITHIN_LIMITS}
     order by case when p.reason_code = any($5) then p.updated_at else p.created_at end, p.id limit $6`,
    [chain.chain, treasury.key, funds.map(({ asset }) => asset), funds.map(({ most }) => most), TRIED, AT_ONE_LOOK],
  );
}

/** Says on every waiting payout that is beyond the funds in its asset why it waits. */
export async function noteUnpayable(
  { pool, chain, treasury }: EvmContext,
  { asset, most, lack }: Funds,
): Promise<void> {
  await pool.query(
    `update payouts set reason_code = $5, reason_detail = $6, updated_at = now()
     where chain = $1 and key_id = $2 and status in ('created', 'approved') and asset = $3 and amount > $4
       and (reason_code, reason_detail) is distinct from ($5, $6)`,
    [chain.chain, treasury.key, asset, most, lack.code, cleanText(lack.detail)],
  );
}

/** Says why a payout was passed over, and puts it behind those that have not been tried since. */
export async function passOver({ pool }: EvmContext, { id }: Payout, { code, detail }: PayoutReason): Promise<void> {
  await pool.query(
    `update payouts set reason_code = $2, reason_detail = $3, updated_at = clock_timestamp()
     where id = $1 and status in ('created', 'approved')`,
    [id, code, cleanText(detail)],
  );
}

/** Whether the signer found a new nonce to be out of its window a moment ago: another one would be, too. */
export async function isWindowFull({ pool, chain, treasury, timing }: EvmContext): Promise<boolean> {
  const { rowCount } = await pool.query(
    `select 1 from payouts where chain = $1 and key_id = $2 and status in ('created', 'approved') and reason_code = $3
       and updated_at > now() - $4 * interval '1 millisecond' limit 1`,
    [chain.chain, treasury.key, OUT_OF_WINDOW, timing.backoffMs.longest],
  );
  return rowCount === 1;
}
