import { CountersignError } from '@countersign/contract/errors';
import type { Pool } from 'pg';
import type { ApiKeyCaller } from '../request-trace.ts';
import { hashApiKeySecret, secretOf } from './api-key.ts';
import { SCOPES } from './route-access.ts';

/** The caller whom an Authorization header names, revoked or not; undefined where it names nobody. */
export async function findCaller(
  pool: Pool,
  authorization: string | undefined,
): Promise<(ApiKeyCaller & { readonly revoked: boolean }) | undefined> {
  const secret = secretOf(authorization);
  if (secret === undefined) return undefined;
  const { rows } = await pool.query<{ id: string; scopes: string[]; revoked: boolean }>(
    'select id, scopes, revoked_at is not null as revoked from api_keys where secret_hash = $1',
    [hashApiKeySecret(secret)],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  return { type: 'ApiKey', id: row.id, scopes: SCOPES.filter((s) => row.scopes.includes(s)), revoked: row.revoked };
}

/** One answer for no key, a malformed, an unknown and a revoked one. */
export function unauthorized(): CountersignError {
  return new CountersignError('UNAUTHORIZED', 'Expected the header Authorization: Bearer cs_… with a valid API key');
}
