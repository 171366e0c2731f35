import { LANE_WIDTH } from '@countersign/chains/stellar/lane';
import type { Pool, PoolClient } from '@countersign/runtime/postgres';
import type { Change } from '../commit.ts';
import { movePayouts, type PayoutReason } from '../move-payouts.ts';
import { type Payout, payoutIds, selectPayouts } from '../payouts.ts';
import type { StellarContext } from './context.ts';

/** A lane, by its channel and the number before its first. */
export interface LaneRef {
  readonly channel: string;
  readonly laneStart: bigint;
}

/** The number that the closing operation takes the channel to. */
export function laneEnd({ laneStart }: LaneRef): bigint {
  return laneStart + LANE_WIDTH;
}

/** The payouts of a lane that are neither paid nor failed, the oldest first. */
export async function openMembers(sql: Pool | PoolClient, context: StellarContext, lane: LaneRef): Promise<Payout[]> {
  return selectPayouts(
    sql,
    `join stellar_lane_payouts l on l.payout_id = p.id
     where l.chain = $1 and l.channel = $2 and l.lane_start = $3 and p.status in ('signing', 'submitted', 'confirming')
     order by p.created_at, p.id`,
    [context.chain.chain, lane.channel, lane.laneStart],
  );
}

/** The payouts of a lane that were set aside when its channel was quarantined for `code`. */
export async function quarantinedMembers(
  sql: Pool | PoolClient,
  context: StellarContext,
  lane: LaneRef,
  code: string,
): Promise<Payout[]> {
  return selectPayouts(
    sql,
    `join stellar_lane_payouts l on l.payout_id = p.id
     where l.chain = $1 and l.channel = $2 and l.lane_start = $3 and p.status = 'indeterminate' and p.reason_code = $4
     order by p.created_at, p.id`,
    [context.chain.chain, lane.channel, lane.laneStart, code],
  );
}

/** Puts payouts on a lane; nothing is bound at the signer by that. */
export async function joinLane(
  sql: PoolClient,
  context: StellarContext,
  lane: LaneRef,
  payouts: readonly Payout[],
): Promise<void> {
  await sql.query(
    `insert into stellar_lane_payouts (payout_id, chain, channel, lane_start) select unnest($4::text[]), $1, $2, $3`,
    [context.chain.chain, lane.channel, lane.laneStart, payoutIds(payouts)],
  );
}

/** From here on these payouts can be paid in their lane alone. */
export async function markBound(sql: PoolClient, ids: readonly string[]): Promise<void> {
  await sql.query('update stellar_lane_payouts set bound = true where payout_id = any($1) and not bound', [ids]);
}

/** Those of the payouts that the signer may have bound to their lane. */
export async function boundAmong(sql: Pool | PoolClient, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await sql.query<{ payout_id: string }>(
    'select payout_id from stellar_lane_payouts where payout_id = any($1) and bound',
    [ids],
  );
  return new Set(rows.map(({ payout_id }) => payout_id));
}

/**
 * Takes payouts that nothing was ever signed for off their lane: any other one may pay them. `reason`: why they wait, where
 * they are not to be taken up again at once.
 */
export async function releaseUnbound(
  context: StellarContext,
  change: Change,
  payouts: readonly Payout[],
  reason?: PayoutReason,
): Promise<void> {
  const ids = payoutIds(payouts);
  const chain = context.chain.chain;
  await change.sql.query('delete from stellar_lane_payouts where payout_id = any($1) and not bound', [ids]);
  const move = { chain, ids, from: ['signing'], to: 'created' } as const;
  await movePayouts(context, change, { ...move, ...(reason !== undefined && { reason }) });
}

/**
 * Takes payouts off their lane that policy wants an approval of, but for those that the signer has bound to it: signed for
 * before, or asked for without an answer while an approval was valid that has expired since.
 *
 * @param now Unix seconds
 * @returns the ids of those that stay.
 */
export async function releaseUnapproved(
  sql: PoolClient,
  payouts: readonly Payout[],
  now: bigint,
): Promise<ReadonlySet<string>> {
  const { rows } = await sql.query<{ payout_id: string }>(
    `delete from stellar_lane_payouts l where payout_id = any($1) and not (bound and (
       exists (select from payout_approvals a where a.payout_id = l.payout_id and a.expires_at <= $2)
       or exists (
         select from stellar_attempt_payouts ap join stellar_attempts a on a.id = ap.attempt_id
         where ap.payout_id = l.payout_id and a.signed is not null)))
     returning payout_id`,
    [payoutIds(payouts), now],
  );
  const released = new Set(rows.map(({ payout_id }) => payout_id));
  return new Set(payoutIds(payouts).filter((id) => !released.has(id)));
}
