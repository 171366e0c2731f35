import type { CustodyPath } from '@countersign/custody/flag';
import type { PoolClient } from '@countersign/runtime/postgres';
import type { PolicyInForce } from '../policy/policy-in-force.ts';

/** A key, and the path that its flag asks for. */
export interface Step {
  readonly key: string;
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
  return steps.flatMap(({ key, to }) => {
    const { kms_since: since, newest } = known.get(key) ?? { kms_since: null, newest: null };
    if (to === 'kms' || since === null) return [];
    const isNewest = newest === null || newest <= version;
    if (isNewest && policy.keys.get(key)?.allowLegacy === true) return [];
    return [
      `key ${key}: it has been on kms since ${since.toISOString()}: ${to} needs allow_legacy in its newest policy`,
    ];
  });
}

/**
 * Keeps for all replicas which keys are on `kms`; to be called where nothing stands against it, in the same transaction. It is kept
 * for good: a way back that policy has let one replica go is none for another, nor for later policies.
 */
export async function latch(client: PoolClient, steps: readonly Step[]): Promise<void> {
  const onKms = steps.filter(({ to }) => to === 'kms').map(({ key }) => key);
  await client.query('update keys set kms_since = now() where key_id = any($1) and kms_since is null', [onKms]);
}
