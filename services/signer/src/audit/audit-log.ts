import { GENESIS_HASH, link } from '@countersign/audit/chain';
import type { AuditEvent } from '@countersign/audit/event';
import { CountersignError } from '@countersign/contract/errors';
import type { Pool, PoolClient } from '@countersign/runtime/postgres';

/** Makes the chain of this replica, where it is not there already; an old one is gone on with. */
export async function openAuditChain(pool: Pool, chainId: string): Promise<void> {
  await pool.query(
    'insert into audit_chains (chain_id, sequence, hash) values ($1, 0, $2) on conflict (chain_id) do nothing',
    [chainId, GENESIS_HASH],
  );
}

/**
 * Appends an event to the chain of this replica, inside the caller's database transaction: the event is there exactly when
 * what it tells of is. The lock on the head row is held until the commit, so call it last.
 *
 * @returns the height of the chain once the transaction commits.
 */
export async function appendEvent(client: PoolClient, chainId: string, event: AuditEvent): Promise<bigint> {
  const { rows } = await client.query<{ sequence: bigint; hash: string }>(
    'select sequence, hash from audit_chains where chain_id = $1 for update',
    [chainId],
  );
  const [head] = rows;
  if (head === undefined) throw new CountersignError('INTERNAL', `audit_chains: no chain ${chainId}`);
  const { sequence, previousHash, hash } = link(chainId, head, event);
  await client.query(
    `with head as (update audit_chains set sequence = $2, hash = $3 where chain_id = $1)
     insert into audit_events (chain_id, sequence, previous_hash, hash, request_id, event)
     values ($1, $2, $4, $3, $5, $6)`,
    [chainId, sequence, hash, previousHash, event.requestID, JSON.stringify(event)],
  );
  return sequence;
}
