import { inTransaction } from '@countersign/runtime/postgres';
import type { Pool } from 'pg';
import { operatorEvent } from '../audit/operator-event.ts';
import { recordEvent } from '../audit/record.ts';

/** Ends an API key: the next request with it is refused. Throws where there is none to end. */
export async function revokeApiKey(pool: Pool, id: string): Promise<void> {
  await inTransaction(pool, async (sql) => {
    const { rowCount } = await sql.query(
      'update api_keys set revoked_at = now() where id = $1 and revoked_at is null',
      [id],
    );
    if (rowCount !== 1) throw new Error('expected the id of an API key that is not revoked');
    await recordEvent(sql, operatorEvent('RevokeApiKey', id, { id }));
  });
}
