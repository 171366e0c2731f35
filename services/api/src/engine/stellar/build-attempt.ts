import { TransactionError } from '@countersign/chains/error';
import { type BuiltStellarPayout, buildStellarPayout } from '@countersign/chains/stellar/build';
import { newId } from '../../ids.ts';
import { recordEngineEvent } from '../audit.ts';
import { type Change, StaleError } from '../commit.ts';
import { unixTime } from '../context.ts';
import { movePayouts } from '../move-payouts.ts';
import { type Payout, type PayoutStatus, payoutIds } from '../payouts.ts';
import type { AttemptKind } from './attempts.ts';
import type { StellarContext } from './context.ts';
import { inclusionBid } from './fee.ts';
import type { Judged, Payment } from './plan.ts';

/** An unsigned transaction, not stored yet. */
export interface Draft {
  /** at_… */
  readonly id: string;
  readonly kind: AttemptKind;
  readonly channel: string;
  readonly laneStart: bigint;
  readonly sequence: bigint;
  /** Stroops, the whole transaction. */
  readonly fee: bigint;
  readonly maxTime: bigint;
  readonly ledgerBefore: bigint;
  /** Hex. */
  readonly hash: string;
  readonly unsigned: Uint8Array;
  readonly payments: readonly Payment[];
}

export interface DraftInput {
  readonly channel: string;
  readonly sequence: bigint;
  readonly payments: readonly Payment[];
  readonly ledger: bigint;
  readonly inclusionFee: bigint;
  /** Whether the network had an attempt on this number, and let it expire. */
  readonly leftOutBefore: boolean;
}

/** Builds the transaction, or says which payouts no transaction can be built of. */
export function draftAttempt(context: StellarContext, input: DraftInput): Draft | readonly Judged[] {
  const { treasury } = context;
  const bid = inclusionBid(treasury, input.inclusionFee, input.leftOutBefore);
  // The closing operation pays too.
  const fee = bid * BigInt(input.payments.length + 1);
  const maxTime = unixTime(context) + BigInt(treasury.lifetimeSeconds);
  const build = (payments: readonly Payment[]) => buildPayments(context, input, payments, fee, maxTime);
  let built: BuiltStellarPayout;
  try {
    built = build(input.payments);
  } catch (error) {
    const culprits = input.payments.flatMap((payment) => culprit(payment, () => build([payment])));
    if (culprits.length === 0) throw error;
    return culprits;
  }
  return {
    id: newId('at'),
    kind: 'payments',
    channel: input.channel,
    laneStart: built.lane.start,
    sequence: input.sequence,
    fee,
    maxTime,
    ledgerBefore: input.ledger,
    hash: Buffer.from(built.hash).toString('hex'),
    unsigned: built.envelope,
    payments: input.payments,
  };
}

export function isDraft(drafted: Draft | readonly Judged[]): drafted is Draft {
  return !Array.isArray(drafted);
}

function buildPayments(
  { chain, treasury }: StellarContext,
  { channel, sequence }: DraftInput,
  payments: readonly Payment[],
  fee: bigint,
  maxTime: bigint,
): BuiltStellarPayout {
  const memo = payments[0]?.payout.memo;
  return buildStellarPayout({
    networkPassphrase: chain.networkPassphrase,
    channel,
    sequence,
    treasury: treasury.account,
    fee,
    maxTime,
    payments: payments.map(({ payout, createAccount }) => ({
      destination: payout.destination,
      asset: payout.asset,
      amount: payout.amount,
      createAccount,
    })),
    ...(memo !== undefined && { memo }),
  });
}

function culprit({ payout }: Payment, build: () => unknown): Judged[] {
  try {
    build();
    return [];
  } catch (error) {
    if (!(error instanceof TransactionError)) throw error;
    return [{ payout, reason: { code: error.code, detail: error.message } }];
  }
}

/** Stores the transaction with its hash, and what it pays, before anybody is asked to sign it. */
export async function storeDraft(
  context: StellarContext,
  change: Change,
  draft: Draft,
  from: readonly PayoutStatus[],
): Promise<void> {
  const { sql } = change;
  const { chain, treasury } = context;
  const { rowCount } = await sql.query(
    `insert into stellar_attempts (id, kind, chain, channel, key_id, lane_start, sequence, fee, max_time, ledger_before,
       hash, unsigned, state)
     values ($1, $12, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'built')
     on conflict (chain, channel) where state in ('built', 'signed') do nothing`,
    [
      draft.id,
      chain.chain,
      draft.channel,
      treasury.key,
      draft.laneStart,
      draft.sequence,
      draft.fee,
      draft.maxTime,
      draft.ledgerBefore,
      draft.hash,
      draft.unsigned,
      draft.kind,
    ],
  );
  if (rowCount !== 1) throw new StaleError(`channel ${draft.channel} already carries a transaction`);
  const payouts = draft.payments.map(({ payout }) => payout);
  await sql.query(
    `insert into stellar_attempt_payouts (attempt_id, position, payout_id, create_account)
     select $1, position - 1, payout_id, create_account
     from unnest($2::text[], $3::boolean[]) with ordinality as t (payout_id, create_account, position)`,
    [draft.id, payoutIds(payouts), draft.payments.map(({ createAccount }) => createAccount)],
  );
  await movePayouts(context, change, {
    chain: chain.chain,
    ids: payoutIds(payouts),
    from,
    to: 'signing',
    hash: draft.hash,
    detail: { attempt: draft.id },
  });
  await recordEngineEvent(context, change, buildEvent(context, draft, payouts));
}

function buildEvent({ chain, treasury }: StellarContext, draft: Draft, payouts: readonly Payout[]) {
  return {
    name: 'BuildTransaction',
    requestId: draft.id,
    chain: chain.chain,
    keyId: treasury.key,
    payouts,
    parameters: {
      channel: draft.channel,
      sequence: draft.sequence.toString(),
      fee: draft.fee.toString(),
      maxTime: draft.maxTime.toString(),
      ledgerBefore: draft.ledgerBefore.toString(),
    },
    response: { transactionHash: draft.hash },
  } as const;
}
