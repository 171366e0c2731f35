import type { AssetId } from '@countersign/chains/caip';
import { WITHIN_LIMITS } from '../limits.ts';
import type { PayoutReason } from '../move-payouts.ts';
import { type Payout, payoutIds, selectPayouts } from '../payouts.ts';
import type { StellarContext } from './context.ts';
import type { Holdings } from './treasury.ts';

// A token of SEP-41, or any asset to a contract: on Stellar no other address begins with a C. Else it is a classic payment.
const IS_INVOCATION = `(p.destination like 'C%' or p.asset like '%/sep41:%')`;

/** What a step found to do on one of the two rails; `more`: there is more to try than it has. */
export type Taken = 'started' | 'more' | 'none';

type Queue = Pick<StellarContext, 'pool' | 'chain' | 'treasury'>;

/** The assets of the payouts that nobody has taken up yet. */
export async function waitingAssets({ pool, chain, treasury }: Queue): Promise<AssetId[]> {
  const { rows } = await pool.query<{ asset: string }>(
    `select distinct asset from payouts where key_id = $2 and status in ('created', 'approved') and chain = $1`,
    [chain.chain, treasury.key],
  );
  return rows.map(({ asset }) => asset as AssetId);
}

/**
 * Classic payments that nobody has taken up yet, in the order to try them: those that the treasury can afford first, the
 * oldest first, none that a limit over time stands in the way of. One that waits for an account takes its turn again behind those that have waited since its last try.
 */
export function paymentsToTry(queue: Queue, holdings: Holdings, limit: number): Promise<Payout[]> {
  return toTry(queue, holdings, limit, {
    condition: `not ${IS_INVOCATION}`,
    affordable: 'p.amount <= coalesce(h.available, 0)',
    turn: `case when p.reason_code = 'DESTINATION_BEING_CREATED' then p.updated_at else p.created_at end`,
  });
}

/** Contract calls, likewise: each that could not go takes its turn again. What a token contract holds for us is not known here. */
export function invocationsToTry(queue: Queue, holdings: Holdings, limit: number): Promise<Payout[]> {
  return toTry(queue, holdings, limit, {
    condition: IS_INVOCATION,
    affordable: 'p.amount <= coalesce(h.available, p.amount)',
    turn: 'case when p.reason_code is null then p.created_at else p.updated_at end',
  });
}

function toTry(
  { pool, chain, treasury }: Queue,
  holdings: Holdings,
  limit: number,
  { condition, affordable, turn }: { readonly condition: string; readonly affordable: string; readonly turn: string },
): Promise<Payout[]> {
  return selectPayouts(
    pool,
    `left join unnest($3::text[], $4::numeric[]) as h (asset, available) on h.asset = p.asset
     where p.key_id = $2 and p.status in ('created', 'approved') and p.chain = $1 and ${condition}
       and ${WITHIN_LIMITS}
     order by not ${affordable}, ${turn}, p.id
     limit $5`,
    [chain.chain, treasury.key, [...holdings.keys()], [...holdings.values()].map(({ available }) => available), limit],
  );
}

/** Notes on waiting payouts why they wait, and that they were tried now. */
export async function postpone(
  { pool }: Pick<StellarContext, 'pool'>,
  payouts: readonly Payout[],
  { code, detail }: PayoutReason,
): Promise<void> {
  await pool.query(
    `update payouts set reason_code = $2, reason_detail = $3, updated_at = now() where id = any($1) and status in ('created', 'approved')`,
    [payoutIds(payouts), code, detail],
  );
}

/** Notes on a payout that waits for the reason that it shows that it was tried now. */
export async function markTried({ pool }: Pick<StellarContext, 'pool'>, { id }: Payout): Promise<void> {
  await pool.query(`update payouts set updated_at = now() where id = $1 and status in ('created', 'approved')`, [id]);
}
