import { TransactionError } from '@countersign/chains/error';
import { xdr } from '@stellar/stellar-sdk/base';
import type { SorobanTerms } from '../../../config/chains.ts';
import type { PayoutReason } from '../../move-payouts.ts';
import type { Payout } from '../../payouts.ts';
import { accountKey, accountsIn } from '../account.ts';
import type { Channel } from '../channels.ts';
import { channelUnderfunded } from '../channels.ts';
import type { StellarContext } from '../context.ts';
import { inclusionBid } from '../fee.ts';
import { FROZEN_KEYS, type FrozenKeys, frozenKeysIn } from '../frozen-keys.ts';
import { UNDERFUNDED } from '../plan.ts';
import type { Simulation } from '../rpc.ts';
import type { NewAuthorization } from './authorizations.ts';
import { withAllInFlight } from './beside-in-flight.ts';
import { explainFailure } from './explain-failure.ts';
import { prepareAuthorization, prepareEnvelope } from './prepare.ts';
import { feeAboveLimit } from './reasons.ts';
import { declareResources, feeWithHeadroom, PREFLIGHT_HEADROOM } from './resources.ts';
import { withoutAuthorization } from './without-authorization.ts';

/** What came of looking before anything is signed. */
type Preflight =
  | {
      readonly kind: 'passed';
      readonly authorization: NewAuthorization;
      /** The last number of the channel that the ledger has consumed. */
      readonly sequence: bigint;
    }
  /** Nothing can be paid like this. */
  | { readonly kind: 'failed'; readonly ledger: bigint; readonly reason: PayoutReason }
  | { readonly kind: 'waiting'; readonly reason: PayoutReason }
  /** The channel is not fit to pay fees; another one may be. */
  | { readonly kind: 'channel'; readonly reason: PayoutReason };

/**
 * Runs the payout's transfer on the newest ledger, without a signature: whether it would pass, whether it asks the treasury
 * for exactly this one transfer, and what it would cost. What payouts in flight will take is part of that for tokens alone:
 * of a classic asset, the caller has seen to it that the treasury has the money beside.
 */
export async function preflight(
  context: StellarContext,
  terms: SorobanTerms,
  channel: Channel,
  payout: Payout,
): Promise<Preflight> {
  const { rpc, treasury } = context;
  const [seen, inclusionFee] = await Promise.all([
    rpc.entries([accountKey(channel.address), FROZEN_KEYS]),
    rpc.sorobanInclusionFee(),
  ]);
  const account = accountsIn(seen.entries).get(channel.address);
  const frozen = frozenKeysIn(seen.entries);
  if (account === undefined || frozen.has(accountKey(channel.address))) {
    return { kind: 'channel', reason: { code: 'CHANNEL_MISSING', detail: `${channel.address} cannot be used` } };
  }
  let { sequence } = channel;
  // An operator may have used the channel while it was free.
  if (account.sequence > sequence) sequence = account.sequence;
  const prepare = (each: Payout) => {
    const authorization = prepareAuthorization(context, terms, each, channel.address, seen.ledger);
    const envelope = { channel: channel.address, sequence: sequence + 1n, authorization: authorization.unsigned };
    return { authorization, envelope, bare: withoutAuthorization(prepareEnvelope(context, envelope).envelope) };
  };
  try {
    const { authorization, envelope, bare } = prepare(payout);
    const simulation = await rpc.simulate(bare);
    const { ledger } = simulation;
    if (simulation.kind !== 'passed') return { ...(await explainFailure(context, payout, simulation)), ledger };
    const surprise = surpriseIn(simulation, authorization, frozen);
    if (surprise !== undefined) return { kind: 'failed', ledger, reason: surprise };
    if (feeWithHeadroom(simulation.minResourceFee, PREFLIGHT_HEADROOM) > terms.maxResourceFee) {
      return { kind: 'failed', ledger, reason: feeAboveLimit(simulation.minResourceFee, terms) };
    }
    const { sorobanData, resourceFee } = declareResources(simulation, PREFLIGHT_HEADROOM, terms.maxResourceFee);
    const fee = inclusionBid(treasury, inclusionFee, false) + resourceFee;
    if (account.spendable < fee) {
      return {
        kind: 'channel',
        reason: channelUnderfunded(channel.address),
      };
    }
    // Refuses a footprint that no transfer has, which the signer would not sign either.
    prepareEnvelope(context, { ...envelope, declared: { sorobanData, fee } });
    const all = await withAllInFlight(context, payout);
    if (all !== undefined && (await rpc.simulate(prepare(all).bare)).kind !== 'passed') {
      return { kind: 'waiting', reason: UNDERFUNDED };
    }
    return { kind: 'passed', authorization, sequence };
  } catch (error) {
    if (!(error instanceof TransactionError)) throw error;
    return { kind: 'failed', ledger: seen.ledger, reason: { code: error.code, detail: error.message } };
  }
}

/** Why a call that passes is not the plain transfer that it should be. */
function surpriseIn(
  { data, authorizations }: Extract<Simulation, { kind: 'passed' }>,
  { unsigned }: NewAuthorization,
  frozen: FrozenKeys,
): PayoutReason | undefined {
  const ours = xdr.SorobanAuthorizationEntry.fromXdr(unsigned);
  const [asked, ...more] = authorizations;
  if (asked === undefined || more.length > 0 || !asksFor(asked, ours)) {
    return {
      code: 'AUTHORIZATION_DIFFERS',
      detail: 'the token does not ask the treasury for exactly one authorization, of this transfer alone',
    };
  }
  const { readOnly, readWrite } = data.resources.footprint;
  return [...readOnly, ...readWrite].some((key) => frozen.has(key))
    ? { code: 'TX_FROZEN_KEY_ACCESSED', detail: 'the network has frozen an entry that the transfer needs' }
    : undefined;
}

/** The same call with the same arguments, nothing under it, by the same account; nonce and expiry are made up there. */
function asksFor(asked: xdr.SorobanAuthorizationEntry, ours: xdr.SorobanAuthorizationEntry): boolean {
  const [theirs, own] = [addressOf(asked), addressOf(ours)];
  return theirs !== undefined && theirs === own && same(asked.rootInvocation, ours.rootInvocation);
}

function addressOf({ credentials }: xdr.SorobanAuthorizationEntry): string | undefined {
  switch (credentials.type) {
    case 'sorobanCredentialsAddress':
    case 'sorobanCredentialsAddressV2':
      return credentials.value.address.toXdr('hex');
    default:
      return undefined;
  }
}

function same(a: xdr.SorobanAuthorizedInvocation, b: xdr.SorobanAuthorizedInvocation): boolean {
  return a.toXdr('hex') === b.toXdr('hex');
}
