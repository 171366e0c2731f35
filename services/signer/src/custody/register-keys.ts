import type { RegisteredKey } from '@countersign/custody/registry';
import { ConfigError } from '@countersign/runtime/config';
import { inTransaction, type Pool, type PoolClient } from '@countersign/runtime/postgres';

type Key = Pick<RegisteredKey, 'id' | 'publicKey'>;

interface KeyRow {
  readonly key_id: string;
  readonly public_key: Buffer | null;
}

/**
 * Makes the keys known to the database by their ids, unless what it knows of them speaks against it: one id is one key for good, and one
 * key has one id. Under another id it would be without its freeze, its limits and its latch.
 * @throws ConfigError naming the key id
 */
export function registerKeys(pool: Pool, keys: readonly Key[]): Promise<void> {
  return withKeys(pool, keys, async (client) => {
    const ids = keys.map(({ id }) => id);
    await client.query('insert into keys (key_id) select unnest($1::text[]) on conflict do nothing', [ids]);
  });
}

/** Keeps which key each id is, for good: once a signer has started with them. @throws ConfigError as `registerKeys` does */
export function bindKeys(pool: Pool, keys: readonly Key[]): Promise<void> {
  return withKeys(pool, keys, async (client, rows) => {
    const bound = new Set(rows.flatMap((row) => (row.public_key === null ? [] : [row.key_id])));
    // In the order in which everybody takes the rows of keys.
    const free = keys.filter(({ id }) => !bound.has(id)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    for (const { id, publicKey } of free) {
      await client.query('update keys set public_key = $2 where key_id = $1', [id, publicKey]);
    }
  });
}

/** One process at a time. */
function withKeys(
  pool: Pool,
  keys: readonly Key[],
  write: (client: PoolClient, rows: readonly KeyRow[]) => Promise<void>,
): Promise<void> {
  return inTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock(hashtext($1))', ['keys']);
    const { rows } = await client.query<KeyRow>(
      'select key_id, public_key from keys where key_id = any($1) or public_key = any($2)',
      [keys.map(({ id }) => id), keys.map(({ publicKey }) => publicKey)],
    );
    const problems = keys.flatMap((key) => problemOf(key, rows));
    if (problems.length > 0) throw new ConfigError(problems.map((problem) => ({ where: 'KEYS_FILE', problem })));
    await write(client, rows);
  });
}

function problemOf({ id, publicKey }: Key, rows: readonly KeyRow[]): string[] {
  const known = rows.find(({ key_id }) => key_id === id)?.public_key ?? null;
  const other = rows.find(({ key_id, public_key }) => key_id !== id && public_key?.equals(publicKey));
  if (other !== undefined) return [`key ${id}: public key: expected one that is new here, got that of ${other.key_id}`];
  if (known === null || known.equals(publicKey)) return [];
  const [expected, got] = [known, Buffer.from(publicKey)].map((bytes) => bytes.toString('hex'));
  return [`key ${id}: public key: expected ${expected}, which this id was first started with, got ${got}`];
}
