import type { AuditEvent } from '@countersign/audit/event';
import { createPool } from '@countersign/runtime/postgres';
import type { SignerWorld } from '../harness/signers.ts';

/** What the signer's database and the key backend had at one moment. */
export interface Sight {
  /** Changes with any row of the ledger: payouts, lanes, transactions, requests, limits; not with audit events, nor with what operators do. */
  readonly ledger: string;
  /** Chain id → its last sequence number. */
  readonly chains: ReadonlyMap<string, bigint>;
  /** Calls of kms:Sign. */
  readonly signatures: number;
}

/** Looks at what the attacker cannot see, so that a refusal is known to be one. */
export interface Observer extends AsyncDisposable {
  look(): Promise<Sight>;
  /** The events that were written since. */
  eventsSince(sight: Sight): Promise<AuditEvent[]>;
  /** The EVM nonce that the signer would sign next. */
  nextNonce(): Promise<bigint>;
}

export async function openObserver({ kms }: SignerWorld, databaseUrl: string): Promise<Observer> {
  const pool = createPool({ url: databaseUrl, max: 1 });
  let ledger: string | undefined;

  const ledgerQuery = async (): Promise<string> => {
    const { rows } = await pool.query<{ name: string }>(
      `select tablename as name from pg_tables
       where schemaname = current_schema() and tablename not like 'audit%' and tablename not in ('freezes', 'schema_migrations')`,
    );
    const all = rows.map(({ name }) => `select '${name} ' || t::text as line from ${name} as t`);
    return `select coalesce(md5(string_agg(line, E'\\n' order by line)), '') as ledger from (${all.join(' union all ')}) as lines`;
  };

  return {
    look: async () => {
      ledger ??= await ledgerQuery();
      const [rows, chains] = await Promise.all([
        pool.query<{ ledger: string }>(ledger),
        pool.query<{ chain: string; last: bigint }>(
          'select chain_id as chain, max(sequence) as last from audit_events group by chain_id',
        ),
      ]);
      return {
        ledger: rows.rows[0]?.ledger ?? '',
        chains: new Map(chains.rows.map(({ chain, last }) => [chain, last])),
        signatures: kms.events().filter(({ eventName }) => eventName === 'Sign').length,
      };
    },
    eventsSince: async ({ chains }) => {
      const heads = JSON.stringify(Object.fromEntries([...chains].map(([chain, last]) => [chain, `${last}`])));
      const { rows } = await pool.query<{ event: AuditEvent }>(
        `select event from audit_events where sequence > coalesce(($1::jsonb ->> chain_id)::bigint, 0)
         order by chain_id, sequence`,
        [heads],
      );
      return rows.map(({ event }) => event);
    },
    nextNonce: async () => {
      const { rows } = await pool.query<{ next: string }>('select next_nonce as next from evm_accounts');
      return BigInt(rows[0]?.next ?? 0);
    },
    [Symbol.asyncDispose]: () => pool.end(),
  };
}
