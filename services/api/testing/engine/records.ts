import type { EngineDatabase } from './database.ts';

export interface AttemptRecord {
  readonly id: string;
  readonly channel: string;
  readonly sequence: bigint;
  readonly fee: bigint;
  readonly state: string;
  readonly outcome: string | null;
  /** Whether the node has answered to it. */
  readonly sent: boolean;
  readonly payouts: readonly string[];
  readonly creates: readonly boolean[];
}

/** Every Stellar attempt that ever carried one of the payouts, in the order of their making. */
export async function attemptsOf({ pool }: EngineDatabase, ids: readonly string[]): Promise<AttemptRecord[]> {
  const { rows } = await pool.query<AttemptRecord>(
    `select a.id, a.channel, a.sequence, a.fee, a.state, a.outcome,
       a.submitted_at is not null as sent,
       array_agg(p.payout_id order by p.position) as payouts, array_agg(p.create_account order by p.position) as creates
     from stellar_attempts a join stellar_attempt_payouts p on p.attempt_id = a.id
     where a.id in (select attempt_id from stellar_attempt_payouts where payout_id = any($1))
     group by a.id order by a.created_at, a.id`,
    [ids],
  );
  return rows;
}

/** The statuses that a payout went through, from its event rows. */
export async function wayOf({ pool }: EngineDatabase, id: string): Promise<string[]> {
  const { rows } = await pool.query<{ to_status: string }>(
    'select to_status from payout_events where payout_id = $1 order by sequence',
    [id],
  );
  return rows.map(({ to_status }) => to_status);
}

/** The names of the audit events about a payout, each with the request id that it stands under. */
export async function auditOf({ pool }: EngineDatabase, id: string): Promise<{ name: string; requestId: string }[]> {
  const { rows } = await pool.query<{ name: string; requestId: string }>(
    `select event ->> 'eventName' as name, request_id as "requestId" from audit_events
     where event -> 'additionalEventData' -> 'payouts' @> jsonb_build_array(jsonb_build_object('payoutId', $1::text))
     order by sequence`,
    [id],
  );
  return rows;
}

export interface EvmAttemptRecord {
  readonly id: string;
  readonly payout_id: string;
  readonly nonce: bigint;
  readonly purpose: string;
  readonly state: string;
  readonly hash: string | null;
  readonly signed: Buffer | null;
  readonly max_fee_per_gas: string;
  readonly max_priority_fee_per_gas: string;
  readonly sent_outcome: string | null;
}

/** Every EVM attempt for the payouts, in the order of their making. */
export async function evmAttemptsOf({ pool }: EngineDatabase, ids: readonly string[]): Promise<EvmAttemptRecord[]> {
  const { rows } = await pool.query<EvmAttemptRecord>(
    `select id, payout_id, nonce, purpose, state, hash, signed, max_fee_per_gas, max_priority_fee_per_gas, sent_outcome
     from evm_attempts where payout_id = any($1) order by created_at, id`,
    [ids],
  );
  return rows;
}
