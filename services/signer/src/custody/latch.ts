import type { CustodyPath } from '@countersign/custody/flag';
import type { PoolClient } from '@countersign/runtime/postgres';

/** A key, the path that its flag asks for, and whether policy lets it back to its seed. */
export interface Step {
  readonly key: string;
  /** In force in this process; undefined at the start. */
  readonly from?: CustodyPath;
  readonly to: CustodyPath;
  readonly allowLegacy: boolean;
}

/**
 * Takes keys to paths, for all replicas, or none of them: a key that has been on `kms` stays there, also after a restart, unless
 * policy lets it back. Waits for the reservations of these keys that are under way.
 *
 * @returns why not: one reason for each key that may not.
 */
export async function latch(client: PoolClient, steps: readonly Step[]): Promise<string[]> {
  const { rows } = await client.query<{ key_id: string; kms_since: Date | null }>(
    'select key_id, kms_since from keys where key_id = any($1) order by key_id for update',
    [steps.map(({ key }) => key)],
  );
  const since = new Map(rows.map((row) => [row.key_id, row.kms_since]));
  const problems = steps.flatMap((step) => problemWith(step, since.get(step.key) ?? null) ?? []);
  if (problems.length > 0) return problems;
  const onKms = steps.filter(({ to }) => to === 'kms').map(({ key }) => key);
  await client.query(
    `update keys set kms_since = case when key_id = any($2) then now() end
     where key_id = any($1) and (kms_since is null) = (key_id = any($2))`,
    [steps.map(({ key }) => key), onKms],
  );
  return [];
}

function problemWith({ key, from, to, allowLegacy }: Step, since: Date | null): string | undefined {
  // Another replica, or a commit whose answer was lost, may have let the key back since: that is no leave for this one.
  if (to === 'kms' || allowLegacy || (since === null && from !== 'kms')) return undefined;
  const known = since === null ? '' : ` since ${since.toISOString()}`;
  return `key ${key}: it has been on kms${known}: ${to} needs allow_legacy in its policy`;
}
