import { createHash } from 'node:crypto';
import { CountersignError } from '@countersign/contract/errors';
import type { ClientBase } from 'pg';
import { validationFailed } from '../problem/validation.ts';

/** One use of an Idempotency-Key; keys of different API keys have nothing to do with each other. */
export interface IdempotencyKey {
  readonly apiKeyId: string;
  readonly key: string;
  readonly requestHash: Buffer;
}

/** An answer as it was given the first time. */
export interface StoredAnswer {
  readonly status: number;
  readonly body: string;
  readonly payoutId: string;
}

/** Reads the header: 1–255 printable ASCII characters (draft-ietf-httpapi-idempotency-key-header). */
export function readIdempotencyKey(header: string | string[] | undefined): string {
  if (header === undefined || header === '') {
    throw new CountersignError('IDEMPOTENCY_KEY_MISSING', 'Expected the header Idempotency-Key');
  }
  if (typeof header !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(header)) {
    const message = 'expected 1–255 printable ASCII characters without spaces';
    throw validationFailed([{ field: 'Idempotency-Key', code: 'INVALID_FORMAT', message }]);
  }
  return header;
}

/**
 * Takes the key for the rest of the transaction, on whichever replica; the first answer where there is one. A twin that
 * holds the key is told from a stored answer by a lock, because its row is not visible before it commits.
 */
export async function takeIdempotencyKey(sql: ClientBase, key: IdempotencyKey): Promise<StoredAnswer | undefined> {
  const { rows: locks } = await sql.query<{ taken: boolean }>('select pg_try_advisory_xact_lock($1) as taken', [
    lockOf(key),
  ]);
  if (locks[0]?.taken !== true) throw inFlight();
  const { rows } = await sql.query<StoredAnswer & { request_hash: Buffer }>(
    `select request_hash, response_status as status, response_body as body, payout_id as "payoutId"
     from idempotency_keys where api_key_id = $1 and key = $2`,
    [key.apiKeyId, key.key],
  );
  const [first] = rows;
  if (first === undefined) return undefined;
  if (!first.request_hash.equals(key.requestHash)) {
    throw new CountersignError('IDEMPOTENCY_KEY_REUSED', 'The Idempotency-Key belongs to a request with another body');
  }
  return { status: first.status, body: first.body, payoutId: first.payoutId };
}

export async function storeAnswer(sql: ClientBase, key: IdempotencyKey, answer: StoredAnswer): Promise<void> {
  await sql.query(
    `insert into idempotency_keys (api_key_id, key, request_hash, payout_id, response_status, response_body)
     values ($1, $2, $3, $4, $5, $6)`,
    [key.apiKeyId, key.key, key.requestHash, answer.payoutId, answer.status, answer.body],
  );
}

export function inFlight(): CountersignError {
  return new CountersignError(
    'IDEMPOTENCY_KEY_IN_FLIGHT',
    'The first request with this Idempotency-Key is not done yet',
  );
}

function lockOf({ apiKeyId, key }: IdempotencyKey): bigint {
  return createHash('sha256').update(`idempotency\n${apiKeyId}\n${key}`).digest().readBigInt64BE();
}
