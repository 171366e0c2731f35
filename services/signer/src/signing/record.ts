import { CountersignError } from '@countersign/contract/errors';
import type { PoolClient } from '@countersign/runtime/postgres';
import { type Proposal, signingHash } from './proposal.ts';
import { type Recorded, type RecordedRow, recordedOf } from './recorded.ts';

/** A signature, verified, and the reserved transaction that it is for. */
export interface Recording {
  readonly keyId: string;
  /** 32 bytes. */
  readonly signingHash: Uint8Array;
  readonly signed: Recorded;
}

export function recordingOf(proposal: Proposal, signed: Recorded): Recording {
  return { keyId: proposal.key.id, signingHash: signingHash(proposal), signed };
}

// Rows are updated in one order, so that two replicas that record the same ones do not wait for each other.
const RECORD = `
with asked as (
  select * from unnest($1::text[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bytea[], $6::text[])
    with ordinality as u (key_id, signing_hash, signature, signed_transaction, transaction_hash, custody_path, place)
), recorded as (
  update transactions t set
    signature = coalesce(t.signature, u.signature), signed_transaction = coalesce(t.signed_transaction, u.signed_transaction),
    transaction_hash = coalesce(t.transaction_hash, u.transaction_hash), custody_path = coalesce(t.custody_path, u.custody_path),
    signed_at = coalesce(t.signed_at, now())
  from (select distinct on (key_id, signing_hash) * from asked order by key_id, signing_hash, place) as u
  where t.key_id = u.key_id and t.signing_hash = u.signing_hash
  returning t.key_id, t.signing_hash, t.signature, t.signed_transaction, t.transaction_hash, t.custody_path
)
select r.signature, r.signed_transaction, r.transaction_hash, r.custody_path
from asked a join recorded r on r.key_id = a.key_id and r.signing_hash = a.signing_hash order by a.place`;

/**
 * Stage 8. Records signatures, in the database transaction that also writes their audit events. Where two replicas signed the
 * same transaction at once (ECDSA differs each time), the first one recorded is the one that both answer with.
 *
 * @returns what is on record, in the order given.
 */
export async function recordAll(client: PoolClient, recordings: readonly Recording[]): Promise<Recorded[]> {
  const values = [
    recordings.map(({ keyId }) => keyId),
    recordings.map(({ signingHash }) => signingHash),
    recordings.map(({ signed }) => signed.signature),
    recordings.map(({ signed }) => signed.signedTransaction),
    recordings.map(({ signed }) => signed.transactionHash),
    recordings.map(({ signed }) => signed.custodyPath),
  ];
  const { rows } = await client.query<RecordedRow>({ name: 'record', text: RECORD, values });
  const recorded = rows.flatMap((row) => recordedOf(row) ?? []);
  if (recorded.length === recordings.length) return recorded;
  throw new CountersignError('INTERNAL', 'transactions: expected the reserved rows');
}
