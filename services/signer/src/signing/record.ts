import { CountersignError } from '@countersign/contract/errors';
import type { PoolClient } from '@countersign/runtime/postgres';
import { type Proposal, signingHash } from './proposal.ts';
import { type Recorded, type RecordedRow, recordedOf } from './recorded.ts';

const RECORD = `
update transactions set
  signature = coalesce(signature, $3), signed_transaction = coalesce(signed_transaction, $4),
  transaction_hash = coalesce(transaction_hash, $5), custody_path = coalesce(custody_path, $6),
  signed_at = coalesce(signed_at, now())
where key_id = $1 and signing_hash = $2
returning signature, signed_transaction, transaction_hash, custody_path`;

/**
 * Stage 8. Records the signature, in the database transaction that also writes its audit event. Where two replicas signed
 * the same transaction at once (ECDSA differs each time), the first one recorded is the one that both answer with.
 */
export async function record(client: PoolClient, proposal: Proposal, signed: Recorded): Promise<Recorded> {
  const { signature, signedTransaction, transactionHash, custodyPath } = signed;
  const values = [proposal.key.id, signingHash(proposal), signature, signedTransaction, transactionHash, custodyPath];
  const { rows } = await client.query<RecordedRow>({ name: 'record', text: RECORD, values });
  const recorded = rows[0] === undefined ? undefined : recordedOf(rows[0]);
  if (recorded === undefined) throw new CountersignError('INTERNAL', 'transactions: expected the reserved row');
  return recorded;
}
