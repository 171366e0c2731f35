import { ConfigError } from '@countersign/runtime/config';
import { assertReachable, createPool, isServerError, type Pool } from '@countersign/runtime/postgres';
import { type Io, UsageError } from './command.ts';

/** Runs over the database that DATABASE_URL names. @throws UsageError, ConfigError naming the variable */
export async function withSignerDatabase<T>({ env }: Io, run: (pool: Pool) => Promise<T>): Promise<T> {
  const { DATABASE_URL: url } = env;
  if (url === undefined || url === '') throw new UsageError('DATABASE_URL: expected the signer’s database');
  const pool = createPool({ url, max: 1, applicationName: 'signerctl' });
  try {
    await assertReachable(pool);
    return await run(pool);
  } catch (error) {
    // Another database, most likely the API's, or a role that may not.
    if (!isServerError(error)) throw error;
    throw new ConfigError([{ where: 'DATABASE_URL', problem: `expected the signer’s database: ${error.message}` }]);
  } finally {
    await pool.end();
  }
}
