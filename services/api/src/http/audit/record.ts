import type { AuditEvent } from '@countersign/audit/event';
import type { ClientBase, Pool } from 'pg';

/** Writes an audit event: through a client, in the transaction that the client is in. */
export async function recordEvent(sql: Pool | ClientBase, event: AuditEvent): Promise<void> {
  await sql.query('insert into audit_events (request_id, event) values ($1, $2)', [
    event.requestID,
    JSON.stringify(event, storable),
  ]);
}

// jsonb takes neither NUL nor lone surrogates, which a refused request may well hold.
function storable(_name: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\uFFFD') : value;
}
