import { inTransaction, type Pool } from '@countersign/runtime/postgres';

export interface Freeze {
  readonly key: string;
  readonly frozen: boolean;
  readonly reason: string;
  /** Who says to do it. */
  readonly operator: string;
}

export type Frozen = 'done' | 'no such key' | 'already so';

/**
 * Freezes a key, or lifts that, in the signer's database: from the commit on, no replica reserves anything for it. What was
 * reserved before may still be signed.
 */
export function setFrozen(pool: Pool, { key, frozen, reason, operator }: Freeze): Promise<Frozen> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ frozen: boolean }>(
      'select frozen_at is not null as frozen from keys where key_id = $1 for update',
      [key],
    );
    const [row] = rows;
    if (row === undefined) return 'no such key';
    if (row.frozen === frozen) return 'already so';
    await client.query(
      'update keys set frozen_at = case when $2 then now() end, frozen_reason = case when $2 then $3 end where key_id = $1',
      [key, frozen, reason],
    );
    await client.query('insert into freezes (key_id, frozen, reason, operator) values ($1, $2, $3, $4)', [
      key,
      frozen,
      reason,
      operator,
    ]);
    return 'done';
  });
}
