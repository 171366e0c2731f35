import type { AuditEvent } from '@countersign/audit/event';
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

let events = 0;

export function anEvent(changes: Partial<AuditEvent> = {}): AuditEvent {
  events++;
  return {
    eventVersion: '1.0',
    eventID: `event-${events}`,
    eventTime: '2026-11-21T20:00:00.000Z',
    eventSource: 'signer.countersign',
    eventName: 'ListKeys',
    eventType: 'SignerCall',
    userIdentity: { type: 'SpiffeId', principalId: 'spiffe://countersign.dev/api' },
    sourceIPAddress: '127.0.0.1',
    userAgent: 'test',
    requestID: `at_${events}`,
    requestParameters: { text: 'Ünïcode "quoted" \n line' },
    responseElements: null,
    readOnly: true,
    resources: [],
    additionalEventData: {},
    ...changes,
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
