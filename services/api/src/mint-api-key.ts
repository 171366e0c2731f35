import { parseArgs } from 'node:util';
import { createPool } from '@countersign/runtime/postgres';
import { prepareDatabase } from './app/database.ts';
import { readDatabaseEnv } from './config/env.ts';
import { mintApiKey } from './http/access/mint.ts';
import { SCOPES } from './http/access/route-access.ts';

try {
  const { values } = parseArgs({
    options: { name: { type: 'string' }, scope: { type: 'string', multiple: true, default: [...SCOPES] } },
  });
  const pool = createPool({ url: readDatabaseEnv(process.env).DATABASE_URL, max: 1 });
  try {
    await prepareDatabase(pool);
    const { id, secret } = await mintApiKey(pool, values);
    process.stderr.write(`${id}: shown once; only its hash is stored\n`);
    process.stdout.write(`${secret}\n`);
  } finally {
    await pool.end();
  }
} catch (error) {
  process.stderr.write(
    `mint-api-key --name <name> [--scope payouts:read]…: ${error instanceof Error ? error.message : error}\n`,
  );
  process.exitCode = 1;
}
