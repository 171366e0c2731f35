import type { ChainRow } from '@countersign/audit/chain';
import type { AuditEvent } from '@countersign/audit/event';
import { createPool } from '@countersign/runtime/postgres';

/** Whatever has a Postgres with the signer's database in it. */
interface World {
  readonly postgres: { readonly urls: { readonly signer: string } };
}

/** The chain of one replica, as the database has it. */
export function auditRows(world: World, chain: string): Promise<ChainRow[]> {
  return query(world, 'chain_id = $1', chain);
}

/** The events of one request, whichever replica wrote them. */
export function eventsOf(world: World, requestId: string): Promise<ChainRow[]> {
  return query(world, 'request_id = $1', requestId);
}

async function query({ postgres }: World, condition: string, value: string): Promise<ChainRow[]> {
  const pool = createPool({ url: postgres.urls.signer, max: 1 });
  try {
    const { rows } = await pool.query<ChainRow & { event: AuditEvent }>(
      `select chain_id as chain, sequence, previous_hash as "previousHash", hash, event from audit_events
       where ${condition} order by chain_id, sequence`,
      [value],
    );
    return rows;
  } finally {
    await pool.end();
  }
}
