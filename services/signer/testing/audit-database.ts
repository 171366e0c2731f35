import { anEvent } from '@countersign/audit/testing/an-event';
import { startPostgres } from '@countersign/dev/postgres';
import { migrate } from '@countersign/runtime/migrations';
import { inTransaction, type Pool } from '@countersign/runtime/postgres';
import { appendEvents, linkEvents, readHead } from '../src/audit/audit-log.ts';
import type { ChainLease } from '../src/audit/chain-lease.ts';
import { openPool } from '../src/store/open-pool.ts';

/** A real Postgres with the signer's tables. */
export interface AuditDatabase extends AsyncDisposable {
  readonly pool: Pool;
  readonly url: string;
  /** The same tables, empty: as another database would have them. */
  clear(): Promise<void>;
}

export async function openAuditDatabase(): Promise<AuditDatabase> {
  await using opened = new AsyncDisposableStack();
  const postgres = opened.adopt(await startPostgres({ databases: ['signer'] }), (postgres) => postgres.stop());
  const url = postgres.urls.signer;
  const pool = opened.adopt(openPool({ url }), (pool) => pool.end());
  await migrate(pool, new URL('../migrations/', import.meta.url));
  const kept = opened.move();
  return {
    pool,
    url,
    clear: async () => {
      await pool.query('truncate audit_events, audit_chains, audit_cursors, audit_checkpoints');
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Appends so many events, in one transaction. @returns the new height. */
export async function append(pool: Pool, lease: ChainLease, count: number): Promise<bigint> {
  return inTransaction(pool, async (client) => {
    const batch = Array.from({ length: count }, () => anEvent());
    const linked = linkEvents(lease.chain, await readHead(client, lease), batch);
    return (await appendEvents(client, lease, linked)).sequence;
  });
}
