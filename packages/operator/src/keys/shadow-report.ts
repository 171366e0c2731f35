import type { Pool } from '@countersign/runtime/postgres';

export interface Latency {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** One key and the backend that it was tried on. */
export interface ShadowReport {
  readonly key: string;
  readonly backend: string;
  readonly count: number;
  /** Signatures by the pinned key. */
  readonly agreed: number;
  /** Signatures by another key, or of other bytes. */
  readonly disagreed: number;
  readonly failed: number;
  /** How often, by the code of the error. */
  readonly errors: Readonly<Record<string, number>>;
  /** Of the signatures that were answered meanwhile. */
  readonly legacyMs: Latency;
  /** Of the backend, retries included, failures too: whoever waits for one waits for them. */
  readonly shadowMs: Latency;
  /** ISO 8601. */
  readonly first: string;
  readonly last: string;
}

interface Row {
  readonly key_id: string;
  readonly backend: string;
  readonly count: number;
  readonly agreed: number;
  readonly disagreed: number;
  readonly failed: number;
  readonly errors: Record<string, number> | null;
  /** p50, p90, p99, max in microseconds. */
  readonly legacy: readonly number[];
  readonly shadow: readonly number[];
  readonly first: Date;
  readonly last: Date;
}

const REPORT = `
with seen as (
  select * from shadow_signatures where at >= $1 and ($2::text is null or key_id = $2)
), failures as (
  select key_id, backend, error_code, count(*)::integer as count from seen where error_code is not null group by 1, 2, 3
)
select key_id, backend, count(*)::integer as count,
  count(*) filter (where outcome = 'agreed')::integer as agreed,
  count(*) filter (where outcome = 'disagreed')::integer as disagreed,
  count(*) filter (where outcome = 'failed')::integer as failed,
  (select jsonb_object_agg(f.error_code, f.count) from failures f where f.key_id = s.key_id and f.backend = s.backend) as errors,
  percentile_disc(array[0.5, 0.9, 0.99, 1]) within group (order by legacy_us) as legacy,
  percentile_disc(array[0.5, 0.9, 0.99, 1]) within group (order by shadow_us) as shadow,
  min(at) as first, max(at) as last
from seen s group by key_id, backend order by key_id, backend`;

/** @returns one for each key that was on `shadow` since then, and backend. */
export async function readShadowReport(
  pool: Pool,
  { key, since }: { readonly key: string | undefined; readonly since: Date },
): Promise<ShadowReport[]> {
  const { rows } = await pool.query<Row>(REPORT, [since, key ?? null]);
  return rows.map(({ key_id, backend, count, agreed, disagreed, failed, errors, legacy, shadow, first, last }) => ({
    key: key_id,
    backend,
    count,
    agreed,
    disagreed,
    failed,
    errors: errors ?? {},
    legacyMs: latencyOf(legacy),
    shadowMs: latencyOf(shadow),
    first: first.toISOString(),
    last: last.toISOString(),
  }));
}

function latencyOf(microseconds: readonly number[]): Latency {
  const [p50 = 0, p90 = 0, p99 = 0, max = 0] = microseconds.map((us) => us / 1000);
  return { p50, p90, p99, max };
}
