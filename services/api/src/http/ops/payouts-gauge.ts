import type { Pool } from 'pg';
import { Gauge, type Registry } from 'prom-client';
import { PAYOUT_STATUSES } from '../payouts/payout-resource.ts';

/** `countersign_payouts{status}`: how many payouts are in each state, counted at scrape. Absent while the database is. */
export function registerPayoutsGauge(registry: Registry, pool: Pool): void {
  new Gauge({
    name: 'countersign_payouts',
    help: 'Payouts by state',
    labelNames: ['status'],
    registers: [registry],
    async collect() {
      this.reset();
      const counts = await countByStatus(pool);
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
