import { migrate } from '@countersign/runtime/migrations';
import { assertDurable, type Pool } from '@countersign/runtime/postgres';

/** Brings the schema up to date; refuses a database that may forget a commit. */
export async function prepareDatabase(pool: Pool): Promise<void> {
  await assertDurable(pool);
  await migrate(pool, new URL('../../migrations/', import.meta.url));
}
