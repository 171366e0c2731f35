import type { Pool, PoolClient } from '@countersign/runtime/postgres';
import { demandRows } from '../commit.ts';
import { type Payout, selectPayouts } from '../payouts.ts';
import type { StellarContext } from './context.ts';

export type AttemptState =
  | 'built'
  | 'signed'
  | 'succeeded'
  | 'failed'
  | 'expired'
  | 'refused'
  | 'quarantined'
  /** Another one around the same authorization took its place before its time was up. */
  | 'superseded';

/** A batch of payments on a lane, or one contract call around a payout's authorization. */
export type AttemptKind = 'payments' | 'invocation';

/** A row of stellar_attempts. */
export interface Attempt {
  /** at_… */
  readonly id: string;
  readonly kind: AttemptKind;
  readonly channel: string;
  readonly laneStart: bigint;
  readonly sequence: bigint;
  /** Unix seconds. */
  readonly maxTime: bigint;
  readonly ledgerBefore: bigint;
  /** Hex, of the inner transaction. */
  readonly hash: string;
  readonly unsigned: Uint8Array;
  readonly asks: number;
  readonly signed: Uint8Array | undefined;
  readonly state: AttemptState;
  /** What ended it: a result code. */
  readonly outcome: string | undefined;
  /** What the node last said to it. */
  readonly submittedOutcome: string | undefined;
  /** Operations that the node named before the ledger. */
  readonly failedOperations: readonly { readonly index: number; readonly code: string }[];
  /** Since it was last sent, by the database's clock. */
  readonly sentMsAgo: number | undefined;
  /** Whether the network has had it. */
  readonly accepted: boolean;
  /** Since it was signed. */
  readonly signedMsAgo: number | undefined;
}

interface AttemptRow {
  readonly id: string;
  readonly kind: AttemptKind;
  readonly channel: string;
  readonly lane_start: bigint;
  readonly sequence: bigint;
  readonly max_time: bigint;
  readonly ledger_before: bigint;
  readonly hash: string;
  readonly unsigned: Uint8Array;
  readonly asks: number;
  readonly signed: Uint8Array | null;
  readonly state: AttemptState;
  readonly outcome: string | null;
  readonly submitted_outcome: string | null;
  readonly failed_operations: Attempt['failedOperations'] | null;
  readonly sent_ms_ago: number | null;
  readonly accepted: boolean;
  readonly signed_ms_ago: number | null;
}

const COLUMNS = `id, kind, channel, lane_start, sequence, max_time, ledger_before, hash, unsigned, asks, signed, state,
  outcome, submitted_outcome, failed_operations, accepted_at is not null as accepted,
  (extract(epoch from now() - submitted_at) * 1000)::float8 as sent_ms_ago,
  (extract(epoch from now() - signed_at) * 1000)::float8 as signed_ms_ago`;

/** The one attempt of a channel that may still be included. */
export async function liveAttempt(context: StellarContext, channel: string): Promise<Attempt | undefined> {
  const [attempt] = await selectAttempts(context, channel, `state in ('built', 'signed')`, []);
  return attempt;
}

/** Everything that was ever built on a number of a channel, the newest first. */
export async function attemptsOn(context: StellarContext, channel: string, sequence: bigint): Promise<Attempt[]> {
  return selectAttempts(context, channel, 'sequence = $3 order by created_at desc', [sequence]);
}

/** Everything that was ever built for a payout, the newest first. */
export async function attemptsFor({ pool }: StellarContext, payoutId: string): Promise<Attempt[]> {
  const { rows } = await pool.query<AttemptRow>(
    `select ${COLUMNS} from stellar_attempts
     where id in (select attempt_id from stellar_attempt_payouts where payout_id = $1) order by created_at desc`,
    [payoutId],
  );
  return rows.map(attemptOf);
}

/** The payouts of an attempt, in the order of its operations. */
export async function attemptPayouts(sql: Pool | PoolClient, attemptId: string): Promise<Payout[]> {
  return selectPayouts(
    sql,
    'join stellar_attempt_payouts a on a.payout_id = p.id where a.attempt_id = $1 order by a.position',
    [attemptId],
  );
}

/** Which operations of the attempt create an account. */
export async function creations(sql: Pool | PoolClient, attemptId: string): Promise<ReadonlySet<number>> {
  const { rows } = await sql.query<{ position: number }>(
    'select position from stellar_attempt_payouts where attempt_id = $1 and create_account',
    [attemptId],
  );
  return new Set(rows.map(({ position }) => position));
}

/** Ends an attempt, as refused only where nobody has asked for it again meanwhile; `outcome` is a result code. */
export async function finishAttempt(
  sql: PoolClient,
  attempt: Attempt,
  state: Exclude<AttemptState, 'built' | 'signed'>,
  outcome: string,
  faults: Attempt['failedOperations'] = [],
): Promise<void> {
  const { rowCount } = await sql.query(
    `update stellar_attempts set state = $3, outcome = $4, failed_operations = coalesce($5, failed_operations),
       finished_at = now()
     where id = $1 and state = $2 and ($3 <> 'refused' or asks = 1)`,
    [attempt.id, attempt.state, state, outcome, faults.length === 0 ? null : JSON.stringify(faults)],
  );
  demandRows(`attempt ${attempt.id} to ${state}`, rowCount, 1);
}

async function selectAttempts(
  context: StellarContext,
  channel: string,
  condition: string,
  values: readonly unknown[],
): Promise<Attempt[]> {
  const { rows } = await context.pool.query<AttemptRow>(
    `select ${COLUMNS} from stellar_attempts where chain = $1 and channel = $2 and ${condition}`,
    [context.chain.chain, channel, ...values],
  );
  return rows.map(attemptOf);
}

function attemptOf(row: AttemptRow): Attempt {
  return {
    id: row.id,
    kind: row.kind,
    channel: row.channel,
    laneStart: row.lane_start,
    sequence: row.sequence,
    maxTime: row.max_time,
    ledgerBefore: row.ledger_before,
    hash: row.hash,
    unsigned: row.unsigned,
    asks: row.asks,
    signed: row.signed ?? undefined,
    state: row.state,
    outcome: row.outcome ?? undefined,
    submittedOutcome: row.submitted_outcome ?? undefined,
    failedOperations: row.failed_operations ?? [],
    sentMsAgo: row.sent_ms_ago ?? undefined,
    accepted: row.accepted,
    signedMsAgo: row.signed_ms_ago ?? undefined,
  };
}
