import { inTransaction } from '@countersign/runtime/postgres';
import type { Pool } from 'pg';
import { z } from 'zod';
import { newId } from '../../ids.ts';
import { operatorEvent } from '../audit/operator-event.ts';
import { recordEvent } from '../audit/record.ts';
import { hashApiKeySecret, newApiKeySecret } from './api-key.ts';
import { SCOPES } from './route-access.ts';

const mintSchema = z.object({
  name: z.string().regex(/^[A-Za-z0-9._ -]{1,64}$/, 'expected 1–64 letters, digits, dots, dashes or spaces'),
  scope: z.array(z.enum(SCOPES)).min(1),
});

/** Makes an API key. The secret is returned once and nowhere kept. */
export async function mintApiKey(
  pool: Pool,
  wanted: { readonly name?: string | undefined; readonly scope: readonly string[] },
): Promise<{ id: string; secret: string }> {
  const read = mintSchema.safeParse(wanted);
  if (!read.success) throw new Error(read.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; '));
  const { name, scope } = read.data;
  const id = newId('ak');
  const secret = newApiKeySecret();
  const scopes = [...new Set(scope)];
  await inTransaction(pool, async (sql) => {
    await sql.query('insert into api_keys (id, name, secret_hash, scopes) values ($1, $2, $3, $4)', [
      id,
      name,
      hashApiKeySecret(secret),
      scopes,
    ]);
    await recordEvent(sql, operatorEvent('CreateApiKey', id, { name, scopes }));
  });
  return { id, secret };
}
