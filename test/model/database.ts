import { createPool, inTransaction, type Pool } from '@countersign/runtime/postgres';
import { until } from '../harness/until.ts';
import type { Asked } from './asked.ts';

/** A transaction that is reserved. */
export interface Reserved {
  /** Sorted. */
  readonly payoutIds: readonly string[];
  readonly isSigned: boolean;
}

/** The sum of one window, in the time of the model. */
export interface Counter {
  readonly keyId: string;
  readonly measure: string;
  readonly seconds: number;
  readonly amount: bigint;
  readonly count: bigint;
  readonly sweptUntil: number;
}

/** What is done to the signer's database, and looked up in it, past the signer. */
export class Database implements AsyncDisposable {
  readonly pool: Pool;
  /** Microseconds that were skipped so far. */
  #skipped = 0;

  constructor(url: string) {
    this.pool = createPool({ url, applicationName: 'model', max: 2 });
  }

  /** The time of the model: of the machine, which is the database's, and all that was skipped. */
  now(): number {
    return Date.now() * 1_000 + this.#skipped;
  }

  /** Lets time pass for all that counts it. Nothing may be under way. */
  async skip(seconds: number): Promise<void> {
    this.#skipped += seconds * 1_000_000;
    await inTransaction(this.pool, async (client) => {
      await client.query(`update charges set charged_at = charged_at - $1 * interval '1 second'`, [seconds]);
      await client.query(`update spend_counters set swept_until = swept_until - $1 * interval '1 second'`, [seconds]);
    });
  }

  async setFrozen(keyId: string, isFrozen: boolean): Promise<void> {
    const [at, reason] = isFrozen ? [new Date(), 'for a test'] : [null, null];
    await this.pool.query('update keys set frozen_at = $2, frozen_reason = $3 where key_id = $1', [keyId, at, reason]);
  }

  /** As if the lease of a chain had run out by now. */
  async endLease(chain: string): Promise<void> {
    await this.pool.query('update audit_chains set held_until = clock_timestamp() where chain_id = $1', [chain]);
  }

  /** Cuts all connections of a replica, at whatever they are. @returns how to wait until the last of them is gone. */
  async cut(applicationName: string): Promise<() => Promise<void>> {
    const { rows } = await this.pool.query<{ pid: number }>(
      `select pid, pg_terminate_backend(pid) from pg_stat_activity
       where application_name = $1 and datname = current_database()`,
      [applicationName],
    );
    const pids = rows.map(({ pid }) => pid);
    return () =>
      until('the connections are gone', async () => {
        const { rowCount } = await this.pool.query('select from pg_stat_activity where pid = any($1)', [pids]);
        return rowCount === 0;
      });
  }

  /** Of these, the transactions that are reserved: key, hash → what there is of it. */
  async reserved(asked: readonly Asked[]): Promise<ReadonlyMap<string, Reserved>> {
    const { rows } = await this.pool.query<Reserved & { key: string }>(
      `select key_id || ' ' || encode(signing_hash, 'hex') as key, payout_ids as "payoutIds", signature is not null as "isSigned"
       from transactions where encode(signing_hash, 'hex') = any($1)`,
      [asked.map(({ hash }) => hash)],
    );
    return new Map(rows.map(({ key, ...row }) => [key, row]));
  }

  async counters(): Promise<readonly Counter[]> {
    const { rows } = await this.pool.query<Omit<Counter, 'amount' | 'sweptUntil'> & { amount: string; swept: bigint }>(
      `select key_id as "keyId", measure, seconds, amount::text, count,
         (extract(epoch from swept_until) * 1000000)::bigint as swept from spend_counters`,
    );
    return rows.map(({ amount, swept, ...row }) => ({
      ...row,
      amount: BigInt(amount),
      sweptUntil: Number(swept) + this.#skipped,
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pool.end();
  }
}
