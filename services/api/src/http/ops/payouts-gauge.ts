import type { Pool } from 'pg';
import { Gauge, type Registry } from 'prom-client';
import { PAYOUT_STATUSES } from '../payouts/payout-resource.ts';
import { atMostEvery } from './at-most-every.ts';

// Anybody may scrape: however often that is, one connection at a time is taken.
const FRESH_MS = 2_000;

/** `countersign_payouts{status}`: how many payouts are in each state, counted at most every few seconds. Absent while the database is. */
export function registerPayoutsGauge(registry: Registry, pool: Pool): void {
  const count = atMostEvery(
    FRESH_MS,
    () => performance.now(),
    () => countByStatus(pool),
  );
  new Gauge({
    name: 'countersign_payouts',
    help: 'Payouts by state',
    labelNames: ['status'],
    registers: [registry],
    async collect() {
      const counts = await count();
      this.reset();
      if (counts === undefined) return;
      for (const status of PAYOUT_STATUSES) this.set({ status }, counts.get(status) ?? 0);
    },
  });
}

async function countByStatus(pool: Pool): Promise<Map<string, number> | undefined> {
  try {
    const { rows } = await pool.query<{ status: string; count: bigint }>(
      'select status, count(*) as count from payouts group by status',
    );
    return new Map(rows.map(({ status, count }) => [status, Number(count)]));
  } catch {
    return undefined;
  }
}
