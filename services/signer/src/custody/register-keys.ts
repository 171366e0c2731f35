import type { RegisteredKey } from '@countersign/custody/registry';
import { ConfigError } from '@countersign/runtime/config';
import { inTransaction, type Pool } from '@countersign/runtime/postgres';

interface KeyRow {
  readonly key_id: string;
  readonly public_key: Buffer | null;
}

/**
 * Makes the keys known to the database, each by its id: one id is one key for good, and one key has one id. Under another id it would be
 * without its freeze, its limits and its latch.
 * @throws ConfigError naming the key id
 */
export async function registerKeys(pool: Pool, keys: Iterable<Pick<RegisteredKey, 'id' | 'publicKey'>>): Promise<void> {
  const wanted = [...keys];
  const ids = wanted.map(({ id }) => id);
  const publicKeys = wanted.map(({ publicKey }) => publicKey);
  await inTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock(hashtext($1))', ['keys']);
    const { rows } = await client.query<KeyRow>(
      'select key_id, public_key from keys where key_id = any($1) or public_key = any($2)',
      [ids, publicKeys],
    );
    const problems = wanted.flatMap((key) => problemOf(key, rows));
    if (problems.length > 0) throw new ConfigError(problems.map((problem) => ({ where: 'KEYS_FILE', problem })));
    await client.query(
      `insert into keys (key_id, public_key) select * from unnest($1::text[], $2::bytea[])
       on conflict (key_id) do update set public_key = excluded.public_key where keys.public_key is null`,
      [ids, publicKeys],
    );
  });
}

function problemOf({ id, publicKey }: Pick<RegisteredKey, 'id' | 'publicKey'>, rows: readonly KeyRow[]): string[] {
  const known = rows.find(({ key_id }) => key_id === id)?.public_key ?? null;
  const other = rows.find(({ key_id, public_key }) => key_id !== id && public_key?.equals(publicKey));
  if (other !== undefined) return [`key ${id}: public key: expected one that is new here, got that of ${other.key_id}`];
  if (known === null || known.equals(publicKey)) return [];
  const [expected, got] = [known, Buffer.from(publicKey)].map((bytes) => bytes.toString('hex'));
  return [`key ${id}: public key: expected ${expected}, which this id was first started with, got ${got}`];
}
