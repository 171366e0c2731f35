import { raiseAlarm } from '../alarm.ts';
import type { Approvals } from '../approvals.ts';
import { awaitApproval } from '../await-approval.ts';
import { commit } from '../commit.ts';
import { notePayouts } from '../move-payouts.ts';
import type { SignerAnswer } from '../signer-answer.ts';
import { pauseAccount } from './accounts.ts';
import type { ChainView } from './chain-view.ts';
import type { EvmContext } from './context.ts';
import { draftCancel, storeDraft } from './draft.ts';
import { endPayout } from './end-payout.ts';
import { openingFees } from './fees.ts';
import { type EvmAttempt, newestSigned, type OpenNonce } from './nonces.ts';
import { giveNonceBack, refuseAttempt } from './refuse-attempt.ts';

export interface Refused {
  readonly nonce: OpenNonce;
  readonly attempt: EvmAttempt;
  readonly refusal: Extract<SignerAnswer, { kind: 'denied' | 'bound' | 'unapproved' }>;
  /** Those that the signer was shown. */
  readonly approvals: ReadonlyMap<string, Approvals>;
  /** How often the signature was asked for. */
  readonly asks: number;
}

/**
 * Acts on a refusal. The first time it is asked, nothing was bound, and the payout ends without having had the nonce, or waits without it for an approval. Later
 * an earlier request may have been signed: then the nonce belongs to the payout until the chain has used it up, and a
 * cancel uses it up.
 */
export async function acceptRefusal(context: EvmContext, view: ChainView, refused: Refused): Promise<'done'> {
  const { nonce, attempt, asks } = refused;
  const signed = newestSigned(nonce);
  if (attempt.purpose === 'cancel' && signed?.purpose !== 'cancel') return pauseWithoutCancel(context, refused);
  if (signed !== undefined) return dropReplacement(context, refused);
  return asks === 1 ? endUnsigned(context, refused) : cancel(context, view, refused);
}

/** Nothing is left to use the nonce up with, and everything after it waits: a person must let the signer sign a cancel. */
async function pauseWithoutCancel(context: EvmContext, { nonce, attempt, refusal }: Refused): Promise<'done'> {
  const { code, detail } = refusal.reason;
  const reason = { code: 'CANCEL_REFUSED', detail: `the cancel of nonce ${nonce.nonce}: ${code}: ${detail}` };
  await commit(context, undefined, async (change) => {
    await refuseAttempt(context, change, nonce, attempt, refusal.reason);
    await pauseAccount(context, change, reason);
  });
  await notePayouts(context.pool, [nonce.payout.id], reason);
  return 'done';
}

/** The older transaction on the nonce stands. */
async function dropReplacement(context: EvmContext, { nonce, attempt, refusal }: Refused): Promise<'done'> {
  await commit(context, undefined, (change) => refuseAttempt(context, change, nonce, attempt, refusal.reason));
  await notePayouts(context.pool, [nonce.payout.id], refusal.reason);
  return 'done';
}

async function endUnsigned(context: EvmContext, { nonce, attempt, refusal, approvals }: Refused): Promise<'done'> {
  const { chain, treasury } = context;
  const { payout } = nonce;
  const taken = refusal.reason.code === 'LANE_TAKEN';
  await commit(context, undefined, async (change) => {
    await refuseAttempt(context, change, nonce, attempt, refusal.reason);
    if (taken) {
      // The signer knows the nonce as another payout's: these books are behind its own.
      await change.sql.query(`update evm_nonces set state = 'lost' where chain = $1 and address = $2 and nonce = $3`, [
        chain.chain,
        treasury.address,
        nonce.nonce,
      ]);
      await pauseAccount(context, change, refusal.reason);
    } else {
      await giveNonceBack(context, change, nonce.nonce);
    }
    if (refusal.kind === 'unapproved') {
      const { reason } = refusal;
      const judged = [{ payout, reason }];
      const keyId = treasury.key;
      return awaitApproval(context, change, { chain: chain.chain, keyId, attemptId: attempt.id, judged, approvals });
    }
    const to = refusal.kind === 'denied' ? 'failed' : 'indeterminate';
    await endPayout(context, change, payout, attempt.id, { to, reason: refusal.reason });
    if (refusal.kind === 'bound' && !taken) {
      const { code, detail } = refusal.reason;
      raiseAlarm(context, change, { chain: chain.chain, reason: code, detail, subject: `payout ${payout.id}` });
    }
  });
  return 'done';
}

async function cancel(context: EvmContext, view: ChainView, { nonce, attempt, refusal }: Refused): Promise<'done'> {
  // The market's: the fees may be what was refused.
  const fees = openingFees(view.market, context.treasury.maxFeePerGas) ?? attempt.fees;
  await commit(context, undefined, async (change) => {
    await refuseAttempt(context, change, nonce, attempt, refusal.reason);
    await storeDraft(context, change, draftCancel(context, { ...nonce, fees }));
  });
  await notePayouts(context.pool, [nonce.payout.id], refusal.reason);
  return 'done';
}
