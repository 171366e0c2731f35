import { createPool, type Pool, type PoolOptions } from '@countersign/runtime/postgres';

// A row of a key is held for the milliseconds of a commit. Who waits longer waits for a session that somebody has left open.
const LOCK_TIMEOUT = '1s';

// Every statement of the signer finds its rows by an index. Each is planned once, without the scans of whole tables that look cheap as
// long as the tables are empty: such a plan would stay until somebody analyses them.
const PLANS_BY_INDEX = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  jit: 'off',
};

/** The signer's connections to its database. */
export function openPool(options: Pick<PoolOptions, 'url' | 'applicationName' | 'onError'>): Pool {
  return createPool({ ...options, pipeline: true, settings: { ...PLANS_BY_INDEX, lock_timeout: LOCK_TIMEOUT } });
}
