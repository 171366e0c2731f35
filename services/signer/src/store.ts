import { CountersignError } from '@countersign/contract/errors';
import { inTransaction, type Pool, type PoolClient } from '@countersign/runtime/postgres';

/**
 * Runs one database transaction. Whatever goes wrong in the database, a lost answer to the commit included, is
 * STORE_UNAVAILABLE: it may have been done.
 */
export async function inStore<T>(pool: Pool, run: (client: PoolClient) => Promise<T>): Promise<T> {
  try {
    return await inTransaction(pool, run);
  } catch (cause) {
    if (cause instanceof CountersignError) throw cause;
    throw new CountersignError('STORE_UNAVAILABLE', 'the database of the signer does not answer', { cause });
  }
}
