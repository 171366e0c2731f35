import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { GENESIS_HASH } from '@countersign/audit/chain';
import { CountersignError } from '@countersign/contract/errors';
import { ConfigError } from '@countersign/runtime/config';
import type { Pool } from '@countersign/runtime/postgres';

/** How long a lease outlives its last renewal, by the database's clock; so long a start may wait for an abandoned one. */
export const LEASE_MS = 5_000;
const RENEW_MS = 1_000;
const POLL_MS = 100;

/**
 * The right of one process to append to a chain. What makes it safe is no clock: every append names the token, and whoever
 * takes the lease over changes it, under the lock of the same row.
 */
export interface ChainLease {
  readonly chain: string;
  /** Random; what the row of the chain says while this process holds it. */
  readonly token: string;
  /** Whether the database has said that the chain is no longer ours. It stays so: this process signs nothing any more. */
  readonly lost: boolean;
  /** @throws CountersignError STORE_UNAVAILABLE once it is lost. */
  assertHeld(): void;
  /**
   * To be called where the database shows another holder, or a chain that is not the one that was written.
   * @returns the error of `assertHeld`.
   */
  lose(problem?: string): CountersignError;
  /** Gives the chain back, so that the next process need not wait. To be called after the last append. */
  release(): Promise<void>;
}

export interface LeaseOptions {
  readonly leaseMs?: number;
  readonly renewMs?: number;
  /** Told once, why the chain is lost. */
  readonly onLost?: (problem: string) => void;
  /** Told of a renewal that failed; the lease is kept while nobody else takes it. */
  readonly onError?: (error: Error) => void;
}

const TAKE = `
insert into audit_chains as chains (chain_id, sequence, hash, holder, held_until)
values ($1, 0, $2, $3, clock_timestamp() + $4 * interval '1 ms')
on conflict (chain_id) do update set holder = excluded.holder, held_until = excluded.held_until
where chains.holder is null or chains.held_until < clock_timestamp()
returning chain_id`;

/**
 * Takes the chain of this replica, or makes it; an old one is gone on with. Waits for a lease that a killed process left.
 * @throws ConfigError SIGNER_REPLICA while another process keeps renewing its own.
 */
export async function openAuditChain(pool: Pool, chain: string, options: LeaseOptions = {}): Promise<ChainLease> {
  const { leaseMs = LEASE_MS, renewMs = RENEW_MS } = options;
  const token = randomUUID();
  // Whoever was alive when we came would have let it run out by then.
  const until = performance.now() + leaseMs + 2 * POLL_MS;
  while ((await pool.query(TAKE, [chain, GENESIS_HASH, token, leaseMs])).rowCount !== 1) {
    if (performance.now() > until) throw inUse(chain);
    await delay(POLL_MS);
  }
  return hold(pool, chain, token, leaseMs, renewMs, options);
}

function hold(
  pool: Pool,
  chain: string,
  token: string,
  leaseMs: number,
  renewMs: number,
  { onLost, onError }: LeaseOptions,
): ChainLease {
  let lost: string | undefined;
  let renewing: Promise<void> | undefined;
  const timer = setInterval(() => {
    renewing ??= renew().finally(() => {
      renewing = undefined;
    });
  }, renewMs);
  timer.unref();

  async function renew(): Promise<void> {
    try {
      const text = `update audit_chains set held_until = clock_timestamp() + $3 * interval '1 ms'
        where chain_id = $1 and holder = $2`;
      const { rowCount } = await pool.query({ name: 'renew-lease', text, values: [chain, token, leaseMs] });
      if (rowCount !== 1) lose();
    } catch (error) {
      onError?.(error instanceof Error ? error : new Error(String(error)));
    }
  }

  function lose(problem = `another process has taken the audit chain ${chain}`): CountersignError {
    if (lost === undefined) {
      lost = problem;
      clearInterval(timer);
      onLost?.(problem);
    }
    return new CountersignError('STORE_UNAVAILABLE', lost);
  }

  return {
    chain,
    token,
    get lost() {
      return lost !== undefined;
    },
    lose,
    assertHeld: () => {
      if (lost !== undefined) throw lose();
    },
    release: async () => {
      clearInterval(timer);
      await renewing;
      const text = 'update audit_chains set holder = null, held_until = null where chain_id = $1 and holder = $2';
      await pool.query(text, [chain, token]);
    },
  };
}

function inUse(chain: string): ConfigError {
  const problem = `the audit chain ${chain} belongs to a process that is running; replicas of one database have different names`;
  return new ConfigError([{ where: 'SIGNER_REPLICA', problem }]);
}
