import type { PoolClient } from '@countersign/runtime/postgres';
import type { PolicyWindow } from './policy-windows.ts';

/** What names a policy: no two with one version are accepted. */
export interface PolicyName {
  readonly version: number;
  readonly environment: string;
  /** Hex. */
  readonly digest: string;
}

export type Acceptance =
  /** `isNew` where no replica had accepted it before. */
  { readonly accepted: true; readonly isNew: boolean } | { readonly accepted: false; readonly problem: string };

/**
 * Puts a policy in force for all replicas, unless it is older than the one that is, another one of the same version, or of
 * another environment. It waits for the reservations under way and those after it see it, since each holds the lock of its key.
 * The sums of windows that this policy does not have are thrown away, since nobody adds to them any more: a later policy that has
 * one of them again sums it up anew, and counts what was charged in between, too.
 *
 * @param windows all that this policy has.
 */
export async function acceptPolicy(
  client: PoolClient,
  name: PolicyName,
  windows: readonly PolicyWindow[],
): Promise<Acceptance> {
  const { version, environment, digest } = name;
  await client.query('select from keys order by key_id for update');
  const { rows } = await client.query<{ version: bigint; environment: string; digest: string }>(
    'select version, environment, digest from policies order by version desc limit 1',
  );
  const [newest] = rows;
  if (newest !== undefined) {
    const problem = problemOf(name, newest);
    if (problem !== undefined) return { accepted: false, problem };
    if (newest.version === BigInt(version)) return { accepted: true, isNew: false };
  }
  await client.query('insert into policies (version, environment, digest) values ($1, $2, $3)', [
    version,
    environment,
    digest,
  ]);
  await client.query(
    `delete from spend_counters where (key_id, measure, seconds) not in (select * from unnest($1::text[], $2::text[], $3::integer[]))`,
    [windows.map(({ keyId }) => keyId), windows.map(({ measure }) => measure), windows.map(({ seconds }) => seconds)],
  );
  return { accepted: true, isNew: true };
}

function problemOf(
  { version, environment, digest }: PolicyName,
  newest: { readonly version: bigint; readonly environment: string; readonly digest: string },
): string | undefined {
  if (environment !== newest.environment) {
    return `environment: expected ${newest.environment}, which this database is for, got ${environment}`;
  }
  if (BigInt(version) < newest.version) {
    return `version: expected at least ${newest.version}, which was accepted before, got ${version}`;
  }
  if (BigInt(version) === newest.version && digest !== newest.digest) {
    return `version: expected more than ${version}, which was accepted with other content of POLICY_FILE or KEYS_FILE`;
  }
  return undefined;
}
