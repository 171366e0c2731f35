import type { JsonObject } from '@countersign/audit/event';
import type { Pool, PoolClient } from '@countersign/runtime/postgres';
import { cleanText } from './clean-text.ts';
import { type Change, demandRows } from './commit.ts';
import type { EngineContext } from './context.ts';
import type { PayoutStatus } from './payouts.ts';

/** Why a payout failed, or why it waits. */
export interface PayoutReason {
  /** Stable, upper snake case. */
  readonly code: string;
  /** For people; may hold text from another machine. */
  readonly detail: string;
}

export interface Move {
  readonly chain: string;
  readonly ids: readonly string[];
  readonly from: readonly PayoutStatus[];
  readonly to: PayoutStatus;
  /** Why, where there is something to say; an earlier reason goes. */
  readonly reason?: PayoutReason;
  /** Kept where not given, and forgotten where nothing carries the payouts any more. */
  readonly hash?: string;
  readonly path?: 'legacy' | 'kms';
  /** For the event row. */
  readonly detail?: JsonObject;
}

/**
 * Moves payouts to another status: one statement, guarded by the statuses that it leaves, which also writes the events.
 *
 * @throws StaleError when not all of them are where they were believed to be; the caller's transaction is rolled back.
 */
export async function movePayouts(context: EngineContext, { sql, afterwards }: Change, move: Move): Promise<void> {
  const { chain, ids, from, to, reason, hash, path, detail } = move;
  if (ids.length === 0) return;
  const { rowCount } = await sql.query(
    `with before as (
       select id, status from payouts where id = any($1) and status = any($2) order by id for update
     ), moved as (
       update payouts p set status = $3, reason_code = $4, reason_detail = $5,
         hash = case when $3 in ('created', 'needs_approval') then null else coalesce($6, p.hash) end,
         path = coalesce($7, p.path), updated_at = now()
       from before where p.id = before.id and p.status = before.status
       returning p.id, before.status as from_status
     )
     insert into payout_events (payout_id, from_status, to_status, detail) select id, from_status, $3, $8 from moved`,
    [ids, from, to, reason?.code, reason && cleanText(reason.detail), hash, path, eventDetail(move, detail)],
  );
  demandRows(`payouts to ${to}`, rowCount, ids.length);
  afterwards(() => context.metrics.transitions.inc({ chain, status: to }, ids.length));
}

function eventDetail({ reason, hash }: Move, detail: JsonObject = {}): JsonObject {
  return {
    ...detail,
    ...(hash !== undefined && { hash }),
    ...(reason !== undefined && { reason: { code: reason.code, detail: cleanText(reason.detail) } }),
  };
}

/** Says why payouts stay where they are. Not a change of state. */
export async function notePayouts(
  sql: Pool | PoolClient,
  ids: readonly string[],
  { code, detail }: PayoutReason,
): Promise<void> {
  if (ids.length === 0) return;
  await sql.query(
    `update payouts set reason_code = $2, reason_detail = $3, updated_at = now()
     where id = any($1) and status in ('created', 'approved', 'signing', 'submitted', 'confirming')
       and (reason_code, reason_detail) is distinct from ($2, $3)`,
    [ids, code, cleanText(detail)],
  );
}
