import { CountersignError } from '@countersign/contract/errors';
import type { PoolClient } from '@countersign/runtime/postgres';
import { type Proposal, signingHash } from './proposal.ts';
import type { Recorded } from './recorded.ts';

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

const ASKED = `
asked as (
  select r->>0 as key_id, decode(r->>1, 'hex') as signing_hash, decode(r->>2, 'hex') as signature, decode(r->>3, 'hex') as signed_transaction,
    decode(r->>4, 'hex') as transaction_hash, r->>5 as custody_path, place
  from json_array_elements($1::json) with ordinality as u (r, place)
)`;

// Both statements update rows in one order, so that two replicas that record the same ones do not wait for each other.
const RECORD = `
with ${ASKED}, recorded as (
  update transactions t set
    signature = coalesce(t.signature, u.signature), signed_transaction = coalesce(t.signed_transaction, u.signed_transaction),
    transaction_hash = coalesce(t.transaction_hash, u.transaction_hash), custody_path = coalesce(t.custody_path, u.custody_path),
    signed_at = coalesce(t.signed_at, now())
  from (select distinct on (key_id, signing_hash) * from asked order by key_id, signing_hash, place) as u
  where t.key_id = u.key_id and t.signing_hash = u.signing_hash
  returning t.key_id, t.signing_hash, t.signature, t.signed_transaction, t.transaction_hash, t.custody_path
)
select
  case when r.signature <> a.signature then
    json_build_array(encode(r.signature, 'hex'), encode(r.signed_transaction, 'hex'), encode(r.transaction_hash, 'hex'), r.custody_path)
  end as earlier
from asked a join recorded r on r.key_id = a.key_id and r.signing_hash = a.signing_hash order by a.place`;

// The text that is no boolean is how it fails, and what it says then.
const RECORD_FIRST = `
with ${ASKED}, once as (
  select distinct on (key_id, signing_hash, signature) * from asked order by key_id, signing_hash, signature, place
), recorded as (
  update transactions t set
    signature = u.signature, signed_transaction = u.signed_transaction, transaction_hash = u.transaction_hash,
    custody_path = coalesce(t.custody_path, u.custody_path), signed_at = coalesce(t.signed_at, now())
  from once u
  where t.key_id = u.key_id and t.signing_hash = u.signing_hash and (t.signature is null or t.signature = u.signature)
  returning 1
)
select case when recorded.count = once.count then 'true' else 'recorded ' || recorded.count || ' of ' || once.count end::boolean
from (select count(*) from recorded) as recorded, (select count(*) from once) as once`;

/**
 * Stage 8. Records signatures, in the database transaction that also writes their audit events. Where two replicas signed the
 * same transaction at once (ECDSA differs each time), the first one recorded is the one that both answer with.
 *
 * @returns what is on record, in the order given.
 */
export async function recordAll(client: PoolClient, recordings: readonly Recording[]): Promise<Recorded[]> {
  const { rows } = await client.query<RecordRow>({ name: 'record', text: RECORD, values: [rowsOf(recordings)] });
  const recorded = recordings.flatMap(({ signed }, i) => {
    const row = rows[i];
    return row === undefined ? [] : [row.earlier === null ? signed : recordedEarlier(row.earlier)];
  });
  if (recorded.length === recordings.length) return recorded;
  throw new CountersignError('INTERNAL', 'transactions: expected the reserved rows');
}

/**
 * As `recordAll` where no other signature is on record, which nobody has to wait for: the statement fails, and the transaction with it,
 * where there is one, or no reserved row.
 */
export async function recordFirst(client: PoolClient, recordings: readonly Recording[]): Promise<void> {
  await client.query({ name: 'record-first', text: RECORD_FIRST, values: [rowsOf(recordings)] });
}

function rowsOf(recordings: readonly Recording[]): string {
  return JSON.stringify(
    recordings.map(({ keyId, signingHash, signed }) => [
      keyId,
      ...[signingHash, signed.signature, signed.signedTransaction, signed.transactionHash].map(hex),
      signed.custodyPath,
    ]),
  );
}

interface RecordRow {
  /** Null where this very signature is on record now. */
  readonly earlier: readonly [string, string, string, Recorded['custodyPath']] | null;
}

function recordedEarlier([signature, signedTransaction, hash, custodyPath]: NonNullable<
  RecordRow['earlier']
>): Recorded {
  return {
    signature: Buffer.from(signature, 'hex'),
    signedTransaction: Buffer.from(signedTransaction, 'hex'),
    transactionHash: Buffer.from(hash, 'hex'),
    custodyPath,
  };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
