import type { AuditEvent } from '@countersign/audit/event';
import { CountersignError } from '@countersign/contract/errors';
import { inTransaction } from '@countersign/runtime/postgres';
import type { ClientBase, Pool } from 'pg';
import type { ChainsConfig } from '../../config/chains.ts';
import { newId } from '../../ids.ts';
import { recordEvent } from '../audit/record.ts';
import { validationFailed } from '../problem/validation.ts';
import { inFlight, type StoredAnswer, storeAnswer, takeIdempotencyKey } from './idempotency.ts';
import { PAYOUT_COLUMNS, type Payout, type PayoutRow, payoutOf } from './payout-resource.ts';
import { type PayoutTerms, readTerms } from './read-terms.ts';
import { requestHash } from './request-hash.ts';

export interface PayoutRequest {
  readonly apiKeyId: string;
  readonly requestId: string;
  readonly idempotencyKey: string;
  readonly body: unknown;
  /** Makes the audit event of an accepted payout. */
  readonly accepted: (payout: Payout) => AuditEvent;
}

export interface CreatedPayout extends StoredAnswer {
  /** True when the payout was there already and the first answer is given again. */
  readonly replayed: boolean;
}

/**
 * Accepts a payout: the payout, its first event, the answer bound to the Idempotency-Key and the audit event are one
 * commit, or nothing is stored. An answer that was given once is given again even if the request would be refused today.
 */
export async function createPayout(pool: Pool, chains: ChainsConfig, request: PayoutRequest): Promise<CreatedPayout> {
  const { apiKeyId, idempotencyKey: key, body } = request;
  const idempotency = { apiKeyId, key, requestHash: requestHash('POST /v1/payouts', body) };
  const terms = readTerms(chains, body);
  try {
    return await inTransaction(pool, async (sql) => {
      const first = await takeIdempotencyKey(sql, idempotency);
      if (first !== undefined) return { ...first, replayed: true };
      if (!terms.ok) throw validationFailed(terms.errors);
      const payout = await insertPayout(sql, request, terms.value);
      const answer = { status: 202, body: JSON.stringify(payout), payoutId: payout.id };
      await storeAnswer(sql, idempotency, answer);
      await recordEvent(sql, request.accepted(payout));
      await sql.query(`select pg_notify('payouts', '')`);
      return { ...answer, replayed: false };
    });
  } catch (error) {
    throw conflictOf(error) ?? error;
  }
}

async function insertPayout(sql: ClientBase, request: PayoutRequest, terms: PayoutTerms): Promise<Payout> {
  const { rows } = await sql.query<PayoutRow>(
    `insert into payouts (id, chain, asset, amount, destination, memo_type, memo_value, key_id, status, external_id,
       metadata, api_key_id, request_id, decimals)
     values ($1, $2, $3, $4, $5, $6, $7, $8, 'created', $9, $10, $11, $12, $13)
     returning ${PAYOUT_COLUMNS}`,
    [
      newId('po'),
      terms.chain,
      terms.asset,
      terms.amount,
      terms.destination,
      terms.memo?.type,
      terms.memo?.value,
      terms.key,
      terms.externalId,
      terms.metadata,
      request.apiKeyId,
      request.requestId,
      terms.decimals,
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('insert into payouts returned no row');
  await sql.query(`insert into payout_events (payout_id, to_status) values ($1, 'created')`, [row.id]);
  return payoutOf(row);
}

const UNIQUE_VIOLATION = '23505';

function conflictOf(error: unknown): CountersignError | undefined {
  if (!(error instanceof Error) || !('code' in error) || error.code !== UNIQUE_VIOLATION) return undefined;
  const constraint = 'constraint' in error ? error.constraint : undefined;
  if (constraint === 'idempotency_keys_pkey') return inFlight();
  if (constraint !== 'payouts_external_id_key') return undefined;
  const message = 'expected an external_id that no other payout has';
  return new CountersignError('EXTERNAL_ID_TAKEN', 'Another payout has this external_id', {
    reasons: [{ field: 'external_id', code: 'EXTERNAL_ID_TAKEN', message }],
  });
}
