import { type ChainHead, type ChainLink, link } from '@countersign/audit/chain';
import type { AuditEvent } from '@countersign/audit/event';
import type { PoolClient } from '@countersign/runtime/postgres';
import { type ChainLease, LEASE_MS } from './chain-lease.ts';

const APPEND = `
with head as (
  update audit_chains
  set sequence = $2, hash = $3, held_until = greatest(held_until, clock_timestamp() + $12 * interval '1 ms')
  where chain_id = $1 and sequence = $4 and hash = $5 and holder = $6
  returning chain_id
)
insert into audit_events (chain_id, sequence, previous_hash, hash, request_id, event)
select (select chain_id from head), u.* from unnest($7::bigint[], $8::text[], $9::text[], $10::text[], $11::jsonb[]) as u`;

/**
 * Appends events behind `head`, inside the caller's database transaction: they are there exactly when what they tell of
 * is. The row of the head is locked until the commit, so call it last. Where the chain is not at `head`, or not ours, there is no
 * row to name, the statement fails, and the transaction with it: the commit may be sent without waiting for this.
 *
 * @returns the new head.
 */
export async function appendEvents(
  client: PoolClient,
  { chain, token }: Pick<ChainLease, 'chain' | 'token'>,
  head: ChainHead,
  events: readonly AuditEvent[],
): Promise<ChainHead> {
  const links: ChainLink[] = [];
  for (const event of events) links.push(link(chain, links.at(-1) ?? head, event));
  const { sequence, hash } = links.at(-1) ?? head;
  const values = [
    ...[chain, sequence, hash, head.sequence, head.hash, token],
    links.map((row) => row.sequence),
    links.map((row) => row.previousHash),
    links.map((row) => row.hash),
    events.map(({ requestID }) => requestID),
    events.map((event) => JSON.stringify(event)),
    LEASE_MS,
  ];
  await client.query({ name: 'append', text: APPEND, values });
  return { sequence, hash };
}

/**
 * Where the chain is, locked until the end of the transaction.
 * @throws CountersignError STORE_UNAVAILABLE where another process holds it; the lease is lost then.
 */
export async function readHead(
  client: PoolClient,
  lease: Pick<ChainLease, 'chain' | 'token' | 'lose'>,
): Promise<ChainHead> {
  const { rows } = await client.query<ChainHead>(
    'select sequence, hash from audit_chains where chain_id = $1 and holder = $2 for update',
    [lease.chain, lease.token],
  );
  const [head] = rows;
  if (head === undefined) throw lease.lose();
  return head;
}
