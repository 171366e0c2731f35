import type { PayoutReason } from '../move-payouts.ts';
import { type Payout, payoutIds, selectPayouts } from '../payouts.ts';
import type { StellarContext } from './context.ts';

/**
 * Payouts that nobody has taken up yet, in the order to try them: those that the treasury can afford first, the oldest
 * first. One that waits for an account takes its turn again behind those that have waited since its last try.
 */
export async function payoutsToTry(
  context: Pick<StellarContext, 'pool' | 'chain' | 'treasury'>,
  affordable: bigint,
  limit: number,
): Promise<Payout[]> {
  return selectPayouts(
    context.pool,
    `where p.key_id = $2 and p.status = 'created' and p.chain = $1
     order by p.amount > $3,
       case when p.reason_code = 'DESTINATION_BEING_CREATED' then p.updated_at else p.created_at end, p.id
     limit $4`,
    [context.chain.chain, context.treasury.key, affordable, limit],
  );
}

/** Notes on waiting payouts why they wait, and that they were tried now. */
export async function postpone(
  { pool }: Pick<StellarContext, 'pool'>,
  payouts: readonly Payout[],
  { code, detail }: PayoutReason,
): Promise<void> {
  await pool.query(
    `update payouts set reason_code = $2, reason_detail = $3, updated_at = now() where id = any($1) and status = 'created'`,
    [payoutIds(payouts), code, detail],
  );
}
