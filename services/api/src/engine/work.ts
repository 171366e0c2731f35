import type { Pool, PoolClient } from '@countersign/runtime/postgres';
import { backoffMs } from './backoff.ts';
import type { Next } from './next.ts';
import type { Timing } from './timing.ts';

/** A row of engine_work. */
export interface WorkState {
  readonly failures: number;
  readonly pokes: bigint;
}

export interface DueUnit {
  readonly unit: string;
  /** Milliseconds until it is due; 0 when it is. */
  readonly dueIn: number;
}

/** Makes sure that the units exist, and are looked at now. */
export async function ensureUnits(pool: Pool, units: readonly string[]): Promise<void> {
  await pool.query(
    `insert into engine_work (unit) select unnest($1::text[])
     on conflict (unit) do update set next_at = now(), pokes = engine_work.pokes + 1`,
    [units],
  );
}

/** The units, of those given, that are due within the horizon; the most urgent first. */
export async function dueUnits(pool: Pool, units: readonly string[], horizonMs: number): Promise<DueUnit[]> {
  const { rows } = await pool.query<{ unit: string; due_in: number }>(
    `select unit, greatest(0, ceil(extract(epoch from next_at - now()) * 1000))::int as due_in from engine_work
     where unit = any($1) and next_at < now() + $2 * interval '1 millisecond' order by next_at`,
    [units, horizonMs],
  );
  return rows.map(({ unit, due_in }) => ({ unit, dueIn: due_in }));
}

/** The state of a unit that is due; undefined where another worker has dealt with it meanwhile. */
export async function readIfDue(pool: Pool, unit: string): Promise<WorkState | undefined> {
  const { rows } = await pool.query<WorkState>(
    'select failures, pokes from engine_work where unit = $1 and next_at <= now()',
    [unit],
  );
  return rows[0];
}

/** Says when the unit is due again. A poke since `seen` makes it due at once. */
export async function settleUnit(pool: Pool, unit: string, seen: WorkState, next: Next, timing: Timing): Promise<void> {
  const failures = next.when === 'backoff' ? seen.failures + 1 : 0;
  const wait = waitMs(next, failures, timing);
  await pool.query(
    `update engine_work set failures = $3,
       next_at = case when pokes <> $2 and $3 = 0 then now() when $4::float8 is null then 'infinity'
                 else now() + $4::float8 * interval '1 millisecond' end
     where unit = $1`,
    [unit, seen.pokes, failures, wait],
  );
}

function waitMs(next: Next, failures: number, timing: Timing): number | null {
  switch (next.when) {
    case 'now':
      return 0;
    case 'after':
      return next.ms;
    case 'backoff':
      return backoffMs(failures, timing.backoffMs, Math.random());
    case 'poked':
      return null;
    default:
      return next satisfies never;
  }
}

/** What a notification on the channel `payouts` says: empty, there are new payouts; else, some unit has become due. */
export const UNIT_IS_DUE = 'unit';

/** Makes a unit due, and wakes every replica, when the transaction commits. A unit that is backing off stays so. */
export async function poke(sql: PoolClient, unit: string): Promise<void> {
  await sql.query('update engine_work set next_at = now(), pokes = pokes + 1 where unit = $1 and failures = 0', [unit]);
  await sql.query(`select pg_notify('payouts', $1)`, [UNIT_IS_DUE]);
}

/** Makes every unit of these due that waits without a failure. */
export async function pokeIdle(pool: Pool, units: readonly string[]): Promise<void> {
  await pool.query(
    `update engine_work set next_at = now(), pokes = pokes + 1
     where unit = any($1) and failures = 0 and next_at > now()`,
    [units],
  );
}
