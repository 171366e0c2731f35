import { CountersignError } from '@countersign/contract/errors';
import type { Pool } from '@countersign/runtime/postgres';

/**
 * For readiness: a replica with an older policy than the newest accepted one reserves nothing until it has that one's files.
 * @throws CountersignError POLICY_SUPERSEDED
 */
export async function demandNewest(pool: Pool, version: bigint): Promise<void> {
  const { rows } = await pool.query<{ newest: bigint | null }>('select max(version) as newest from policies');
  const newest = rows[0]?.newest ?? 0n;
  if (newest > version)
    throw new CountersignError('POLICY_SUPERSEDED', `policy: expected version ${newest}, got ${version}`);
}
