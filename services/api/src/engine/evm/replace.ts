import { commit } from '../commit.ts';
import { notePayouts } from '../move-payouts.ts';
import type { ChainView } from './chain-view.ts';
import type { EvmContext } from './context.ts';
import { type Draft, draftCancel, draftTransfer, storeDraft, TRANSFER_GAS } from './draft.ts';
import { openingFees, replacementFees } from './fees.ts';
import { estimatedGas } from './gas.ts';
import { builtAttempt, type EvmAttempt, isGivenUp, newestSigned, type OpenNonce } from './nonces.ts';
import { callOf } from './preflight.ts';

/** Whether the newest transaction of a nonce is to be replaced: it waits too long, or the node will not have it. */
export function isReplacementDue({ treasury, timing }: EvmContext, nonce: OpenNonce, lowest: boolean): boolean {
  const newest = newestSigned(nonce);
  if (newest === undefined || refusedSince(nonce, newest)) return false;
  if (isGivenUp(nonce, newest)) return true;
  const age = newest.signedMsAgo ?? 0;
  if (newest.sentOutcome === 'underpriced' || newest.sentOutcome === 'gas') return age >= timing.resendMs;
  // The others wait behind the lowest.
  return lowest && age >= treasury.replaceAfterSeconds * 1000;
}

// The signer refused a replacement of these very bytes a moment ago.
const REFUSAL_PAUSE_MS = 60_000;

function refusedSince({ attempts }: OpenNonce, newest: EvmAttempt): boolean {
  return attempts.some(
    ({ state, createdMsAgo }) =>
      state === 'refused' && createdMsAgo < newest.createdMsAgo && createdMsAgo < REFUSAL_PAUSE_MS,
  );
}

/**
 * Stores a transaction that takes the newest one's place: same nonce, same transfer, higher fees within the cap; a cancel
 * where the payout is not to be paid any more.
 *
 * @returns whether there is something to sign.
 */
export async function replaceNewest(context: EvmContext, view: ChainView, nonce: OpenNonce): Promise<boolean> {
  const newest = newestSigned(nonce);
  if (newest === undefined) return false;
  const cap = context.treasury.maxFeePerGas;
  const fees = replacementFees(newest.fees, view.market, cap);
  if (fees === undefined) {
    const detail = `the fee cannot be raised further: the cap is ${cap} wei`;
    await notePayouts(context.pool, [nonce.payout.id], { code: 'FEE_CAP_REACHED', detail });
    return false;
  }
  const gasLimit = newest.sentOutcome === 'gas' ? await raisedGas(context, view, newest) : newest.gasLimit;
  const terms = { nonce: nonce.nonce, payout: nonce.payout, gasLimit, fees };
  const cancels = newest.purpose === 'cancel' || isGivenUp(nonce, newest);
  await store(context, cancels ? draftCancel(context, terms) : draftTransfer(context, terms));
  return true;
}

/** Whether a nonce has nothing signed and nothing to sign, so that only a new cancel can use it up. */
export function isCancelDue({ timing }: EvmContext, nonce: OpenNonce): boolean {
  if (newestSigned(nonce) !== undefined || builtAttempt(nonce) !== undefined) return false;
  return (nonce.attempts[0]?.createdMsAgo ?? Number.POSITIVE_INFINITY) >= timing.backoffMs.longest;
}

/** Stores a cancel for a nonce that has nothing else. @returns whether there is something to sign. */
export async function cancelUnsigned(context: EvmContext, view: ChainView, nonce: OpenNonce): Promise<boolean> {
  const fees = openingFees(view.market, context.treasury.maxFeePerGas);
  if (fees === undefined) return false;
  await store(context, draftCancel(context, { ...nonce, fees }));
  return true;
}

async function store(context: EvmContext, draft: Draft): Promise<void> {
  await commit(context, 'evm.attempt.uncommitted', (change) => storeDraft(context, change, draft));
  await context.hooks.at('evm.attempt.stored');
}

async function raisedGas(context: EvmContext, { latest }: ChainView, newest: EvmAttempt): Promise<bigint> {
  if (newest.purpose === 'cancel') return TRANSFER_GAS;
  const gas = await estimatedGas(context, callOf(context, newest), latest);
  return gas.kind === 'limit' ? gas.limit : newest.gasLimit;
}
