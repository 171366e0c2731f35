import type { CustodyPath } from '@countersign/custody/flag';
import type { PoolClient } from '@countersign/runtime/postgres';
import type { PolicyInForce } from '../policy/policy-in-force.ts';

/** A key, and the path that its flag asks for. */
export interface Step {
  readonly key: string;
  /** In force in this process; undefined at the start. */
  readonly from?: CustodyPath;
  readonly to: CustodyPath;
}

interface KeyRow {
  readonly key_id: string;
  readonly kms_since: Date | null;
  /** Version of the newest policy that any replica has accepted. */
  readonly newest: bigint | null;
}

/**
 * Whether keys may take these paths: one that has been on `kms` stays there, also after a restart, unless policy lets it back, and
 * it is the newest policy. Holds the rows of the keys from here on, and waits for their reservations that are under way.
 *
 * @returns why not: one reason for each key that may not.
 */
export async function problemsWith(
  client: PoolClient,
  { policy, version }: PolicyInForce,
  steps: readonly Step[],
): Promise<string[]> {
  const { rows } = await client.query<KeyRow>(
    `select key_id, kms_since, (select max(version) from policies) as newest
     from keys where key_id = any($1) order by key_id for update`,
    [steps.map(({ key }) => key)],
  );
  const known = new Map(rows.map((row) => [row.key_id, row]));
  return steps.flatMap(({ key, from, to }) => {
    const { kms_since: since, newest } = known.get(key) ?? { kms_since: null, newest: null };
    // Another replica, or a commit whose answer was lost, may have let the key back since: that is no leave for this one.
    if (to === 'kms' || (since === null && from !== 'kms')) return [];
    const isNewest = newest === null || newest <= version;
    if (isNewest && policy.keys.get(key)?.allowLegacy === true) return [];
    const when = since === null ? '' : ` since ${since.toISOString()}`;
    return [`key ${key}: it has been on kms${when}: ${to} needs allow_legacy in its newest policy`];
  });
}

/** Keeps for all replicas where the keys are now; to be called where nothing stands against it, in the same transaction. */
export async function latch(client: PoolClient, steps: readonly Step[]): Promise<void> {
  const onKms = steps.filter(({ to }) => to === 'kms').map(({ key }) => key);
  await client.query(
    `update keys set kms_since = case when key_id = any($2) then now() end
     where key_id = any($1) and (kms_since is null) = (key_id = any($2))`,
    [steps.map(({ key }) => key), onKms],
  );
}
