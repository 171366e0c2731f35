import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ApprovalSchema } from '@countersign/contract/signer';
import type { Pool } from '@countersign/runtime/postgres';

/** What approvers have signed of one payout. */
export interface Approvals {
  /** What the signer is shown: those that have not expired, the newest first. */
  readonly valid: readonly MessageInitShape<typeof ApprovalSchema>[];
  /** How many have expired. */
  readonly expired: number;
  /** Of the newest one, expired or not: whether another one has come since. */
  readonly newest: bigint;
}

interface ApprovalRow {
  readonly payout_id: string;
  readonly sequence: bigint;
  readonly expires_at: bigint;
  readonly signature: Uint8Array;
}

// As many as the contract lets a payout have. The newest, so that nobody's approvals can keep out another one.
const MOST_SHOWN = 16;

/** Reads the approvals of payouts, of those that have any; `now` in Unix seconds. */
export async function readApprovals(
  pool: Pool,
  payoutIds: readonly string[],
  now: bigint,
): Promise<ReadonlyMap<string, Approvals>> {
  const { rows } = await pool.query<ApprovalRow>(
    `select payout_id, sequence, expires_at, signature from payout_approvals where payout_id = any($1)
     order by sequence desc`,
    [payoutIds],
  );
  return new Map([...Map.groupBy(rows, (row) => row.payout_id)].map(([id, own]) => [id, approvalsAmong(own, now)]));
}

function approvalsAmong(rows: readonly ApprovalRow[], now: bigint): Approvals {
  const valid = rows.filter(({ expires_at }) => expires_at > now);
  return {
    valid: valid.slice(0, MOST_SHOWN).map(({ expires_at: expiresAt, signature }) => ({ expiresAt, signature })),
    expired: rows.length - valid.length,
    newest: rows[0]?.sequence ?? 0n,
  };
}
