import { CountersignError } from '@countersign/contract/errors';
import type { ClientBase } from 'pg';

/** An approval whose signature was checked. */
export interface Approval {
  readonly payoutId: string;
  /** Of the approver's key: SHA256:… */
  readonly fingerprint: string;
  /** Unix seconds. */
  readonly expiresAt: bigint;
  /** SSHSIG without its armor. */
  readonly signature: Uint8Array;
  readonly apiKeyId: string;
  readonly requestId: string;
}

const ENDS: readonly string[] = ['completed', 'failed', 'canceled'];

/**
 * Stores an approval, one for each approver: another one of the same key takes the place of the one before, be it because that
 * expires too soon, or because it lives longer than policy lets it. A payout that waits goes back into the queue with it.
 *
 * @returns whether there was anything new in it.
 * @throws CountersignError PAYOUT_ENDED
 */
export async function storeApproval(sql: ClientBase, approval: Approval): Promise<boolean> {
  const { payoutId, fingerprint, expiresAt, signature, apiKeyId, requestId } = approval;
  // Whoever finds that an approval is missing holds the same row: neither can miss the other.
  const { rows } = await sql.query<{ status: string }>('select status from payouts where id = $1 for update', [
    payoutId,
  ]);
  const status = rows[0]?.status;
  if (status === undefined || ENDS.includes(status)) {
    throw new CountersignError('PAYOUT_ENDED', `The payout is ${status}: there is nothing left to approve`);
  }
  const { rowCount } = await sql.query(
    `insert into payout_approvals as a (payout_id, fingerprint, expires_at, signature, api_key_id, request_id)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (payout_id, fingerprint) do update set expires_at = excluded.expires_at, signature = excluded.signature,
       api_key_id = excluded.api_key_id, request_id = excluded.request_id, sequence = default, added_at = now()
     where a.expires_at <> excluded.expires_at`,
    [payoutId, fingerprint, expiresAt, signature, apiKeyId, requestId],
  );
  if (rowCount !== 1) return false;
  if (status === 'needs_approval') await queueAgain(sql, approval);
  return true;
}

async function queueAgain(sql: ClientBase, { payoutId, fingerprint, requestId }: Approval): Promise<void> {
  await sql.query(
    `update payouts set status = 'approved', reason_code = null, reason_detail = null, updated_at = now() where id = $1`,
    [payoutId],
  );
  await sql.query(
    `insert into payout_events (payout_id, from_status, to_status, detail) values ($1, 'needs_approval', 'approved', $2)`,
    [payoutId, { fingerprint, request_id: requestId }],
  );
  await sql.query(`select pg_notify('payouts', '')`);
}
