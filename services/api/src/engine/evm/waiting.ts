import { cleanText } from '../clean-text.ts';
import type { PayoutReason } from '../move-payouts.ts';
import { type Payout, selectPayouts } from '../payouts.ts';
import type { EvmContext } from './context.ts';

export const UNDERFUNDED: PayoutReason = { code: 'TREASURY_UNDERFUNDED', detail: 'the treasury cannot pay it now' };
export const OUT_OF_WINDOW = 'NONCE_OUT_OF_WINDOW';

const AT_ONE_LOOK = 20;
/** What a payout shows that was looked at and had to wait: its turn comes after those that have waited longer since. */
const TRIED: readonly string[] = [UNDERFUNDED.code, 'GAS_UNKNOWN'];

/** Waiting payouts of at most this amount: the oldest first, those that were tried by their last try. */
export async function payablePayouts(context: EvmContext, most: bigint): Promise<Payout[]> {
  const { pool, chain, treasury } = context;
  return selectPayouts(
    pool,
    `where p.chain = $1 and p.key_id = $2 and p.status = 'created' and p.amount <= $3
     order by case when p.reason_code = any($4) then p.updated_at else p.created_at end, p.id limit $5`,
    [chain.chain, treasury.key, most, TRIED, AT_ONE_LOOK],
  );
}

/** Says on every waiting payout above this amount that the treasury cannot pay it. */
export async function noteUnpayable({ pool, chain, treasury }: EvmContext, most: bigint): Promise<void> {
  await pool.query(
    `update payouts set reason_code = $4, reason_detail = $5, updated_at = now()
     where chain = $1 and key_id = $2 and status = 'created' and amount > $3 and reason_code is distinct from $4`,
    [chain.chain, treasury.key, most, UNDERFUNDED.code, UNDERFUNDED.detail],
  );
}

/** Says why a payout was passed over, and puts it behind those that have not been tried since. */
export async function passOver({ pool }: EvmContext, { id }: Payout, { code, detail }: PayoutReason): Promise<void> {
  await pool.query(
    `update payouts set reason_code = $2, reason_detail = $3, updated_at = clock_timestamp()
     where id = $1 and status = 'created'`,
    [id, code, cleanText(detail)],
  );
}

/** Whether the signer found a new nonce to be out of its window a moment ago: another one would be, too. */
export async function isWindowFull({ pool, chain, treasury, timing }: EvmContext): Promise<boolean> {
  const { rowCount } = await pool.query(
    `select 1 from payouts where chain = $1 and key_id = $2 and status = 'created' and reason_code = $3
       and updated_at > now() - $4 * interval '1 millisecond' limit 1`,
    [chain.chain, treasury.key, OUT_OF_WINDOW, timing.backoffMs.longest],
  );
  return rowCount === 1;
}
