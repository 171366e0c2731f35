import { type Postgres, startPostgres } from '@countersign/dev/postgres';
import { migrate } from '@countersign/runtime/migrations';
import { createPool, type Pool } from '@countersign/runtime/postgres';
import type { PayoutStatus } from '../../src/engine/payouts.ts';
import { newId } from '../../src/ids.ts';
import { waitFor } from './wait-for.ts';

/** A payout that a client asks for; `amount` in smallest units. */
export interface WantedPayout {
  readonly chain: string;
  readonly asset: string;
  readonly key: string;
  readonly destination: string;
  readonly amount: bigint;
  /** Of the asset; those of the chain's own coin where not given. */
  readonly decimals?: number;
  readonly memo?: { readonly type: 'text' | 'id' | 'hash' | 'return'; readonly value: string };
}

export interface StoredPayout {
  readonly id: string;
  readonly status: PayoutStatus;
  readonly reason_code: string | null;
  readonly reason_detail: string | null;
  readonly hash: string | null;
  readonly path: string | null;
}

export interface EngineDatabase {
  readonly postgres: Postgres<'api'>;
  readonly url: string;
  /** For the test itself; engines have pools of their own. */
  readonly pool: Pool;
  /** As POST /v1/payouts stores them, in one commit with the notification. */
  accept(...wanted: WantedPayout[]): Promise<string[]>;
  payouts(ids: readonly string[]): Promise<StoredPayout[]>;
  /** Waits until every one of them has one of the statuses. */
  reached(ids: readonly string[], ...statuses: PayoutStatus[]): Promise<StoredPayout[]>;
  /** Waits until every one of them shows the reason. */
  showing(ids: readonly string[], reason: string): Promise<StoredPayout[]>;
  /** Empties every table. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

export async function startEngineDatabase(): Promise<EngineDatabase> {
  const postgres = await startPostgres({ databases: ['api'], settings: { fsync: 'off', max_connections: '200' } });
  const url = postgres.urls.api;
  const pool = createPool({ url, applicationName: 'test' });
  await migrate(pool, new URL('../../migrations/', import.meta.url));
  const addKey = () =>
    pool.query(`insert into api_keys (id, name, secret_hash, scopes) values ('ak_test', 'test', '\\x00', '{}')`);
  await addKey();

  const payouts = async (ids: readonly string[]): Promise<StoredPayout[]> => {
    const { rows } = await pool.query<StoredPayout>(
      `select id, status, reason_code, reason_detail, hash, path from payouts where id = any($1)
       order by array_position($1, id)`,
      [ids],
    );
    return rows;
  };
  const until = async (
    what: string,
    ids: readonly string[],
    holds: (payout: StoredPayout) => boolean,
  ): Promise<StoredPayout[]> => {
    let last: StoredPayout[] = [];
    await waitFor(
      async () => {
        last = await payouts(ids);
        return last.length === ids.length && last.every(holds);
      },
      () => `${what}: ${JSON.stringify(last)}`,
    );
    return last;
  };
  return {
    postgres,
    url,
    pool,
    payouts,
    accept: (...wanted) => accept(pool, wanted),
    reached: (ids, ...statuses) => until(`reach ${statuses}`, ids, ({ status }) => statuses.includes(status)),
    showing: (ids, reason) => until(`show ${reason}`, ids, ({ reason_code }) => reason_code === reason),
    clear: async () => {
      await pool.query(`truncate api_keys, payouts, payout_events, idempotency_keys, audit_events, engine_work,
        stellar_channels, stellar_lane_payouts, stellar_attempts, stellar_attempt_payouts, evm_accounts, evm_nonces,
        evm_attempts, payout_approvals, payout_limits cascade`);
      await addKey();
    },
    stop: async () => {
      await pool.end();
      await postgres.stop();
    },
  };
}

async function accept(pool: Pool, wanted: readonly WantedPayout[]): Promise<string[]> {
  const ids = wanted.map(() => newId('po')).sort();
  const client = await pool.connect();
  try {
    await client.query('begin');
    for (const [index, { chain, asset, key, destination, amount, memo, decimals }] of wanted.entries()) {
      await client.query(
        `insert into payouts (id, chain, asset, amount, destination, memo_type, memo_value, key_id, status, api_key_id, request_id,
           decimals)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 'created', 'ak_test', $9, $10)`,
        [
          ids[index],
          chain,
          asset,
          amount,
          destination,
          memo?.type,
          memo?.value,
          key,
          `rq_of_${ids[index]}`,
          decimals ?? (chain.startsWith('stellar:') ? 7 : 18),
        ],
      );
    }
    await client.query(`insert into payout_events (payout_id, to_status) select unnest($1::text[]), 'created'`, [ids]);
    await client.query(`select pg_notify('payouts', '')`);
    await client.query('commit');
  } finally {
    client.release();
  }
  return ids;
}
