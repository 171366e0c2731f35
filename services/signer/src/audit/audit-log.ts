import { type ChainHead, type Linked, link } from '@countersign/audit/chain';
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
select (select chain_id from head), u.*
from rows from (
  unnest($7::bigint[]), unnest($8::text[]), unnest($9::text[]), unnest($10::text[]), jsonb_array_elements($11::jsonb)
) as u`;

/** Events at their places behind a head, ready to be written. */
export interface LinkedEvents {
  readonly after: ChainHead;
  readonly rows: readonly (Linked & { readonly requestId: string })[];
}

/**
 * Links events behind `head`. By itself, because it can fail where an event is not JSON: nothing of what the event tells of may
 * be on its way to a commit by then.
 * @throws AuditError NOT_JSON
 */
export function linkEvents(chain: string, head: ChainHead, events: readonly AuditEvent[]): LinkedEvents {
  const rows: (Linked & { requestId: string })[] = [];
  for (const event of events) rows.push({ ...link(chain, rows.at(-1) ?? head, event), requestId: event.requestID });
  return { after: head, rows };
}

/**
 * Appends linked events, inside the caller's database transaction: they are there exactly when what they tell of
 * is. The row of the head is locked until the commit, so call it last. Where the chain is not at its head, or not ours, there is no
 * row to name, the statement fails, and the transaction with it: the commit may be sent without waiting for this.
 *
 * @returns the new head.
 */
export async function appendEvents(
  client: PoolClient,
  { chain, token }: Pick<ChainLease, 'chain' | 'token'>,
  { after, rows }: LinkedEvents,
): Promise<ChainHead> {
  const { sequence, hash } = rows.at(-1) ?? after;
  const values = [
    ...[chain, sequence, hash, after.sequence, after.hash, token],
    rows.map((row) => row.sequence),
    rows.map((row) => row.previousHash),
    rows.map((row) => row.hash),
    rows.map(({ requestId }) => requestId),
    `[${rows.map(({ text }) => text).join(',')}]`,
    LEASE_MS,
  ];
  await client.query({ name: 'append', text: APPEND, values });
  return { sequence, hash };
}

/**
 * Where the chain is, locked until the end of the transaction.
 *
 * @param committed where this process knows it to have come at least, if it knows.
 * @throws CountersignError STORE_UNAVAILABLE where another process holds it, or where the database has lost what it had confirmed,
 * reservations with it: after a failover, a restore. The lease is lost then.
 */
export async function readHead(
  client: PoolClient,
  lease: Pick<ChainLease, 'chain' | 'token' | 'lose'>,
  committed?: ChainHead,
): Promise<ChainHead> {
  const { rows } = await client.query<ChainHead>(
    'select sequence, hash from audit_chains where chain_id = $1 and holder = $2 for update',
    [lease.chain, lease.token],
  );
  const [head] = rows;
  if (head === undefined) throw lease.lose();
  if (committed === undefined || head.sequence > committed.sequence || head.hash === committed.hash) return head;
  const places = `it had confirmed event ${committed.sequence}, and ends at ${head.sequence}`;
  throw lease.lose(`the database has lost events of the audit chain ${lease.chain}: ${places}`);
}
