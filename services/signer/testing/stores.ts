import { anEvent } from '@countersign/audit/testing/an-event';
import { CountersignError } from '@countersign/contract/errors';
import { openAuditChain } from '../src/audit/chain-lease.ts';
import { acceptPolicy } from '../src/policy/accept-policy.ts';
import type { Ask } from '../src/reservation/ask.ts';
import { createStore, type Store } from '../src/store/store.ts';
import { EVM_KEY, STELLAR_KEY } from './asks.ts';
import { type AuditDatabase, openAuditDatabase } from './audit-database.ts';

/** Two replicas' stores over one real Postgres, with the keys of `asks.ts` and version 1 of a policy. */
export interface Stores extends AsyncDisposable {
  readonly database: AuditDatabase;
  readonly pair: readonly [Store, Store];
  /** Nothing is reserved any more. */
  forget(): Promise<void>;
  /** Moves everything that is counted so far back. */
  pass(microseconds: bigint): Promise<void>;
}

export async function openStores(): Promise<Stores> {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await openAuditDatabase());
  const { pool } = database;
  const open = async (chain: string) => {
    const lease = opened.adopt(await openAuditChain(pool, chain), (lease) => lease.release());
    return createStore(pool, lease, () => undefined);
  };
  const pair = [await open('one'), await open('two')] as const;
  await pool.query('insert into keys (key_id) select unnest($1::text[])', [[STELLAR_KEY, EVM_KEY, 'other']]);
  await pair[0].change(async (client) => {
    await acceptPolicy(client, { version: 1, environment: 'test', digest: '' }, []);
    return [];
  });
  const kept = opened.move();
  return {
    database,
    pair,
    forget: async () => {
      await pool.query('truncate payouts, sole_lanes, transactions, requests, evm_accounts, charges, spend_counters');
    },
    pass: async (microseconds) => {
      const back = `- $1::bigint * interval '1 microsecond'`;
      await pool.query(`update charges set charged_at = charged_at ${back}`, [microseconds]);
      await pool.query(`update spend_counters set swept_until = swept_until ${back}`, [microseconds]);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Of a caller who still waits when the turn of his request has come. */
export const waits = (): void => undefined;

/** How a reservation ended, in a few words: `reserved`, `signed before`, or the code and its reasons. */
export async function reserveIn(store: Store, ask: Ask, demandTime: () => void = waits): Promise<string> {
  try {
    const earlier = await store.reserve(ask, () => anEvent(), demandTime);
    return earlier === undefined ? 'reserved' : 'signed before';
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    return [error.code, ...error.reasons.map(({ code }) => code)].join(' ');
  }
}
