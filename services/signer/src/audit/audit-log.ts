import { type ChainHead, type ChainLink, GENESIS_HASH, link } from '@countersign/audit/chain';
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

const APPEND = `
with head as (
  update audit_chains set sequence = $2, hash = $3 where chain_id = $1 and sequence = $4 and hash = $5 returning chain_id
)
insert into audit_events (chain_id, sequence, previous_hash, hash, request_id, event)
select (select chain_id from head), u.* from unnest($6::bigint[], $7::text[], $8::text[], $9::text[], $10::jsonb[]) as u`;

/**
 * Appends events behind `head`, inside the caller's database transaction: they are there exactly when what they tell of
 * is. The row of the head is locked until the commit, so call it last. Where the chain is not at `head` there is no row to name,
 * the statement fails, and the transaction with it: the commit may be sent without waiting for this.
 *
 * @returns the new head.
 */
export async function appendEvents(
  client: PoolClient,
  chain: string,
  head: ChainHead,
  events: readonly AuditEvent[],
): Promise<ChainHead> {
  const links: ChainLink[] = [];
  for (const event of events) links.push(link(chain, links.at(-1) ?? head, event));
  const { sequence, hash } = links.at(-1) ?? head;
  const values = [
    ...[chain, sequence, hash, head.sequence, head.hash],
    links.map((row) => row.sequence),
    links.map((row) => row.previousHash),
    links.map((row) => row.hash),
    events.map(({ requestID }) => requestID),
    events.map((event) => JSON.stringify(event)),
  ];
  await client.query({ name: 'append', text: APPEND, values });
  return { sequence, hash };
}

/** Where the chain is, locked until the end of the transaction. */
export async function readHead(client: PoolClient, chain: string): Promise<ChainHead> {
  const { rows } = await client.query<ChainHead>(
    'select sequence, hash from audit_chains where chain_id = $1 for update',
    [chain],
  );
  const [head] = rows;
  if (head === undefined) throw new CountersignError('INTERNAL', `audit_chains: no chain ${chain}`);
  return head;
}
