import { LANE_WIDTH } from '@countersign/chains/stellar/lane';
import type { Pool, PoolClient } from '@countersign/runtime/postgres';
import type { Change } from '../commit.ts';
import { movePayouts } from '../move-payouts.ts';
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

/** Takes payouts that nothing was ever signed for off their lane: any other one may pay them. */
export async function releaseUnbound(
  context: StellarContext,
  change: Change,
  payouts: readonly Payout[],
): Promise<void> {
  const ids = payoutIds(payouts);
  await change.sql.query('delete from stellar_lane_payouts where payout_id = any($1) and not bound', [ids]);
  await movePayouts(context, change, { chain: context.chain.chain, ids, from: ['signing'], to: 'created' });
}
