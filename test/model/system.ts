import { CountersignError } from '@countersign/contract/errors';
import { createPool, inTransaction, type Pool } from '@countersign/runtime/postgres';
import { type InProcessSigner, openInProcess } from '@countersign/signer/in-process';
import { until } from '../harness/until.ts';
import type { Asked } from './asked.ts';
import { WatchedKeys } from './custody.ts';
import type { Limits } from './limits.ts';
import type { Span } from './spending.ts';
import type { World } from './world.ts';

/** How a request ended. `words`: `signed`, `signed again` from the record, or the code and its reasons. */
export interface Answer {
  readonly words: string;
  readonly span: Span;
  readonly signed?: Signed;
}

export interface Signed {
  /** Hex. */
  readonly signature: string;
  readonly transaction: Uint8Array;
}

export interface Reserved {
  /** Sorted. */
  readonly payoutIds: readonly string[];
  readonly isSigned: boolean;
}

export interface Counter {
  readonly keyId: string;
  readonly measure: string;
  readonly seconds: number;
  readonly amount: bigint;
  readonly count: bigint;
  readonly sweptUntil: number;
}

const SIGN_TIMEOUT_MS = 150;

/** Two replicas of the real signer over one real Postgres, and whatever happens to them. */
export class System implements AsyncDisposable {
  readonly custody: WatchedKeys;
  readonly pool: Pool;
  readonly #world: World;
  readonly #url: string;
  readonly #replicas: InProcessSigner[] = [];
  /** What a replica reads when it is told to. */
  readonly #files: [{ version: number; limits: Limits }, { version: number; limits: Limits }];
  #down: number | undefined;
  /** Microseconds that were skipped so far. */
  #skipped = 0;

  constructor(world: World, url: string, limits: Limits) {
    this.#world = world;
    this.#url = url;
    this.custody = new WatchedKeys(world.registry.keys);
    this.pool = createPool({ url, applicationName: 'model', max: 2 });
    this.#files = [
      { version: 1, limits },
      { version: 1, limits },
    ];
  }

  async start(): Promise<void> {
    for (const replica of [0, 1]) this.#replicas[replica] = await this.#open(replica);
  }

  /** The time of the model: of the machine, which is the database's, and all that was skipped. */
  now(): number {
    return Date.now() * 1_000 + this.#skipped;
  }

  /** Where a call to a replica ends up: at the other one, while it is down. */
  routed(replica: number): number {
    return this.#down === replica ? 1 - replica : replica;
  }

  version(replica: number): number {
    return Number(this.#replica(replica).policyVersion());
  }

  async sign(replica: number, asked: Asked): Promise<Answer> {
    const from = this.now();
    const { words, signed } = await this.#replica(replica)
      .sign(asked.caller.certificate, asked.request)
      .then(
        ({ signature, signedTransaction, replayed }) => ({
          words: replayed ? 'signed again' : 'signed',
          signed: { signature: Buffer.from(signature).toString('hex'), transaction: signedTransaction },
        }),
        (error: unknown) => ({ words: wordsOf(error), signed: undefined }),
      );
    // The clock of JavaScript cuts off what is below a millisecond.
    const span = { from, to: this.now() + 1_000 };
    return signed === undefined ? { words, span } : { words, span, signed };
  }

  /** Puts another file before a replica, which reads it. */
  async setPolicy(replica: number, version: number, limits: Limits): Promise<void> {
    this.#files[replica === 1 ? 1 : 0] = { version, limits };
    await this.#replica(replica).reloadPolicy();
  }

  async setFrozen(keyId: string, isFrozen: boolean): Promise<void> {
    const [at, reason] = isFrozen ? [new Date(), 'for a test'] : [null, null];
    await this.pool.query('update keys set frozen_at = $2, frozen_reason = $3 where key_id = $1', [keyId, at, reason]);
  }

  /** Lets time pass for all that counts it. Nothing may be under way. */
  async skip(seconds: number): Promise<void> {
    this.#skipped += seconds * 1_000_000;
    await inTransaction(this.pool, async (client) => {
      await client.query(`update charges set charged_at = charged_at - $1 * interval '1 second'`, [seconds]);
      await client.query(`update spend_counters set swept_until = swept_until - $1 * interval '1 second'`, [seconds]);
    });
  }

  /** Cuts all connections of a replica; then it goes on, or another process takes its place. */
  async crash(replica: number, restart: boolean): Promise<void> {
    const cut = await this.pool.query<{ pid: number }>(
      'select pid, pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and datname = current_database()',
      [nameOf(replica)],
    );
    const pids = cut.rows.map(({ pid }) => pid);
    if (restart) {
      const before = this.#replica(replica);
      this.#down = replica;
      await before.kill();
      // As if its lease had run out by now.
      await this.pool.query('update audit_chains set held_until = clock_timestamp() where chain_id = $1', [
        nameOf(replica),
      ]);
      this.#replicas[replica] = await this.#open(replica);
      this.#down = undefined;
      await before[Symbol.asyncDispose]();
    }
    await until('the connections are gone', async () => {
      const { rowCount } = await this.pool.query('select from pg_stat_activity where pid = any($1)', [pids]);
      return rowCount === 0;
    });
  }

  /** Of these, the transactions that are reserved: key, hash → what the database has of it. */
  async reserved(asked: readonly Asked[]): Promise<ReadonlyMap<string, Reserved>> {
    const { rows } = await this.pool.query<Reserved & { key: string }>(
      `select key_id || ' ' || encode(signing_hash, 'hex') as key, payout_ids as "payoutIds", signature is not null as "isSigned"
       from transactions where encode(signing_hash, 'hex') = any($1)`,
      [asked.map(({ hash }) => hash)],
    );
    return new Map(rows.map(({ key, ...row }) => [key, row]));
  }

  /** The sums of all windows, in the time of the model. */
  async counters(): Promise<readonly Counter[]> {
    const { rows } = await this.pool.query<Counter & { sweptUntil: bigint; amount: string }>(
      `select key_id as "keyId", measure, seconds, amount::text, count,
         (extract(epoch from swept_until) * 1000000)::bigint as "sweptUntil" from spend_counters`,
    );
    return rows.map((row) => ({
      ...row,
      amount: BigInt(row.amount),
      sweptUntil: Number(row.sweptUntil) + this.#skipped,
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const replica of this.#replicas) await replica[Symbol.asyncDispose]();
    await this.pool.end();
  }

  #replica(replica: number): InProcessSigner {
    const found = this.#replicas[replica];
    if (found === undefined) throw new Error(`expected a replica ${replica}`);
    return found;
  }

  #open(replica: number): Promise<InProcessSigner> {
    return openInProcess({
      databaseUrl: this.#url,
      name: nameOf(replica),
      keys: this.custody.keys,
      policy: () => {
        const { version, limits } = this.#files[replica === 1 ? 1 : 0];
        return this.#world.policy(version, limits);
      },
      signTimeoutMs: SIGN_TIMEOUT_MS,
    });
  }
}

export const nameOf = (replica: number): string => `model-${replica}`;

function wordsOf(error: unknown): string {
  if (!(error instanceof CountersignError)) throw error;
  return [error.code, ...error.reasons.map(({ code }) => code)].join(' ');
}
