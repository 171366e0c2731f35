import { parseArgs } from 'node:util';
import { createPool } from '@countersign/runtime/postgres';
import { readDatabaseEnv } from './config/env.ts';
import { revokeApiKey } from './http/access/revoke.ts';

try {
  const { values } = parseArgs({ options: { id: { type: 'string' } } });
  const pool = createPool({ url: readDatabaseEnv(process.env).DATABASE_URL, max: 1 });
  try {
    await revokeApiKey(pool, values.id ?? '');
    process.stderr.write(`${values.id} is revoked\n`);
  } finally {
    await pool.end();
  }
} catch (error) {
  process.stderr.write(`revoke-api-key --id ak_…: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
