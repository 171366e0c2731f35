import { commit } from '../commit.ts';
import { notePayouts } from '../move-payouts.ts';
import type { ChainView } from './chain-view.ts';
import type { EvmContext } from './context.ts';
import { type Draft, draftCancel, draftTransfer, storeDraft, TRANSFER_GAS } from './draft.ts';
import { replacementFees } from './fees.ts';
import { gasFor } from './gas.ts';
import { type EvmAttempt, newestSigned, type OpenNonce } from './nonces.ts';

/** Whether the newest transaction of a nonce is to be replaced: it waits too long, or the node will not have it. */
export function isReplacementDue({ treasury, timing }: EvmContext, nonce: OpenNonce, lowest: boolean): boolean {
  const newest = newestSigned(nonce);
  if (newest === undefined || refusedSince(nonce, newest)) return false;
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
 * Stores a transaction that takes the newest one's place: same nonce, same transfer, higher fees within the cap.
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
  const gasLimit = newest.sentOutcome === 'gas' ? await raisedGas(context, nonce, newest) : newest.gasLimit;
  const terms = { nonce: nonce.nonce, payout: nonce.payout, gasLimit, fees };
  const draft: Draft = newest.purpose === 'cancel' ? draftCancel(context, terms) : draftTransfer(context, terms);
  await commit(context, 'evm.attempt.uncommitted', (change) => storeDraft(context, change, draft));
  await context.hooks.at('evm.attempt.stored');
  return true;
}

async function raisedGas(context: EvmContext, { payout }: OpenNonce, newest: EvmAttempt): Promise<bigint> {
  if (newest.purpose === 'cancel') return TRANSFER_GAS;
  const gas = await gasFor(context, payout, 'estimate');
  return gas.kind === 'limit' ? gas.limit : newest.gasLimit;
}
