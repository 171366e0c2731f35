import type { Pool } from '@countersign/runtime/postgres';
import type { Cursor } from './read-unexported.ts';
import type { Sink } from './sink.ts';

/** Where the sink is; one that is new to the chain begins at its first event, and at the next checkpoint. */
export async function openCursor(pool: Pool, chain: string, sink: Sink['name']): Promise<Cursor> {
  await pool.query(
    `insert into audit_cursors (chain_id, sink, sequence, checkpoint)
     select $1, $2, 0, coalesce(max(number), 0) from audit_checkpoints on conflict do nothing`,
    [chain, sink],
  );
  const { rows } = await pool.query<Cursor>(
    'select sequence, checkpoint from audit_cursors where chain_id = $1 and sink = $2',
    [chain, sink],
  );
  const [cursor] = rows;
  if (cursor === undefined) throw new Error(`audit_cursors: no row for ${chain}, ${sink}`);
  return cursor;
}

export async function moveCursor(pool: Pool, chain: string, sink: Sink['name'], cursor: Cursor): Promise<void> {
  const text = 'update audit_cursors set sequence = $3, checkpoint = $4 where chain_id = $1 and sink = $2';
  await pool.query({ name: 'move-cursor', text, values: [chain, sink, cursor.sequence, cursor.checkpoint] });
}

/** The line of a checkpoint, where there is one. */
export async function readCheckpoint(
  pool: Pool,
  number: bigint,
): Promise<{ readonly statement: string; readonly signature: string } | undefined> {
  const { rows } = await pool.query<{ statement: string; signature: string }>(
    'select statement, signature from audit_checkpoints where number = $1',
    [number],
  );
  return rows[0];
}
