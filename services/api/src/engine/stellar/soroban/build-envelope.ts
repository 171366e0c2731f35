import { TransactionError } from '@countersign/chains/error';
import { laneOf } from '@countersign/chains/stellar/lane';
import { newId } from '../../../ids.ts';
import { commit } from '../../commit.ts';
import { timed } from '../../metrics.ts';
import { notePayouts, type PayoutReason } from '../../move-payouts.ts';
import { after, BACKOFF, type Next, NOW } from '../../next.ts';
import type { Payout } from '../../payouts.ts';
import { type Attempt, attemptsFor } from '../attempts.ts';
import { type Draft, storeDraft } from '../build-attempt.ts';
import { type Channel, channelUnderfunded, demandChannel } from '../channels.ts';
import type { StellarContext } from '../context.ts';
import { inclusionBid } from '../fee.ts';
import { wasRefusedForFee } from '../fee-refusal.ts';
import type { Authorization } from './authorizations.ts';
import { explainFailure } from './explain-failure.ts';
import type { Look } from './look.ts';
import { prepareEnvelope } from './prepare.ts';
import { feeAboveLimit, NOT_CONFIGURED } from './reasons.ts';
import { declareResources, headroomAfter } from './resources.ts';

type SignedAuthorization = Authorization & { readonly signed: Uint8Array };

// Each costs a fee, or a request that the signer counts; what failed so often will not pass before the authorization expires.
const MOST_FAILURES = 4;
// An envelope needs one to get in; nearer to the end it would only pay a fee.
const SPARE_LEDGERS = 2n;

/**
 * Builds the next envelope around a signed authorization, after a simulation that checks the authorization as the ledger
 * would. Whatever became of the ones before it, the ledger takes the authorization once.
 */
export async function buildEnvelope(
  context: StellarContext,
  channel: Channel,
  authorization: SignedAuthorization,
  payout: Payout,
  seen: Look,
): Promise<Next> {
  const attempts = await attemptsFor(context, payout.id);
  const hopeless = attempts.filter(wasInVain).length >= MOST_FAILURES;
  if (hopeless || seen.ledger + SPARE_LEDGERS > authorization.expirationLedger) return after(context.timing.pollMs);
  const outcome = await timed(
    context.metrics.build,
    context.chain.chain,
    () => planAndStore(context, channel, authorization, payout, attempts, seen),
    (result) => result,
  );
  return outcome === 'stored' ? NOW : BACKOFF;
}

function wasInVain(attempt: Attempt): boolean {
  return attempt.state === 'failed' || (attempt.state === 'refused' && !wasRefusedForFee(attempt));
}

async function planAndStore(
  context: StellarContext,
  channel: Channel,
  authorization: SignedAuthorization,
  payout: Payout,
  attempts: readonly Attempt[],
  seen: Look,
): Promise<'stored' | 'waiting'> {
  const drafted = await draft(context, channel, authorization, payout, attempts, seen);
  await context.hooks.at('soroban.envelope.planned');
  if ('reason' in drafted) {
    await notePayouts(context.pool, [payout.id], drafted.reason);
    return 'waiting';
  }
  await commit(context, 'stellar.attempt.uncommitted', async (change) => {
    await demandChannel(context, change.sql, channel);
    await storeDraft(context, change, drafted, ['signing']);
  });
  await context.hooks.at('stellar.attempt.stored');
  return 'stored';
}

async function draft(
  context: StellarContext,
  channel: Channel,
  { signed }: SignedAuthorization,
  payout: Payout,
  attempts: readonly Attempt[],
  seen: Look,
): Promise<Draft | { readonly reason: PayoutReason }> {
  const { rpc, treasury } = context;
  const { soroban } = treasury;
  if (soroban === undefined) return { reason: NOT_CONFIGURED };
  const sequence = channel.sequence + 1n;
  const terms = { channel: channel.address, sequence, authorization: signed };
  const [simulation, observedFee] = await Promise.all([
    rpc.simulate(prepareEnvelope(context, terms).envelope),
    rpc.sorobanInclusionFee(),
  ]);
  if (simulation.kind !== 'passed') return await explainFailure(context, payout, simulation);
  if (simulation.minResourceFee > soroban.maxResourceFee) {
    return { reason: feeAboveLimit(simulation.minResourceFee, soroban) };
  }
  const { sorobanData, resourceFee } = declareResources(simulation, headroomAfter(attempts), soroban.maxResourceFee);
  const fee = bidOn(context, sequence, attempts, observedFee) + resourceFee;
  if (seen.spendable < fee) {
    return { reason: channelUnderfunded(channel.address) };
  }
  try {
    const { envelope, hash, maxTime } = prepareEnvelope(context, { ...terms, declared: { sorobanData, fee } });
    return {
      id: newId('at'),
      kind: 'invocation',
      channel: channel.address,
      laneStart: laneOf(sequence).start,
      sequence,
      fee,
      maxTime,
      ledgerBefore: seen.ledger,
      hash: Buffer.from(hash).toString('hex'),
      unsigned: envelope,
      payments: [{ payout, createAccount: false }],
    };
  } catch (error) {
    if (!(error instanceof TransactionError)) throw error;
    return { reason: { code: error.code, detail: error.message } };
  }
}

/** Stroops for inclusion, as for payments: the least after a refusal of the fee, the most after the network left one out. */
function bidOn(context: StellarContext, sequence: bigint, attempts: readonly Attempt[], observed: bigint): bigint {
  const earlier = attempts.filter((attempt) => attempt.sequence === sequence);
  if (earlier.some(wasRefusedForFee)) return inclusionBid(context.treasury, 0n, false);
  const leftOut = earlier.some(
    ({ state, accepted, outcome }) =>
      (state === 'expired' && accepted) || (state === 'superseded' && outcome === 'TX_INSUFFICIENT_FEE'),
  );
  return inclusionBid(context.treasury, observed, leftOut);
}
