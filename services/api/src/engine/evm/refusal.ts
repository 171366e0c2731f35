import { raiseAlarm } from '../alarm.ts';
import { recordEngineEvent } from '../audit.ts';
import { type Change, commit, demandRows } from '../commit.ts';
import { notePayouts, type PayoutReason } from '../move-payouts.ts';
import type { SignerAnswer } from '../signer-answer.ts';
import { pauseAccount } from './accounts.ts';
import type { EvmContext } from './context.ts';
import { draftCancel, storeDraft } from './draft.ts';
import { endPayout } from './end-payout.ts';
import { type EvmAttempt, newestSigned, type OpenNonce } from './nonces.ts';

export interface Refused {
  readonly nonce: OpenNonce;
  readonly attempt: EvmAttempt;
  readonly refusal: Extract<SignerAnswer, { kind: 'denied' | 'bound' }>;
  /** How often the signature was asked for. */
  readonly asks: number;
}

/**
 * Acts on a refusal. The first time it is asked, nothing was bound, and the payout ends without having had the nonce. Later
 * an earlier request may have been signed: then the nonce belongs to the payout until the chain has used it up, and a
 * cancel uses it up.
 */
export async function acceptRefusal(context: EvmContext, refused: Refused): Promise<'done' | 'wait'> {
  const { nonce, attempt, refusal, asks } = refused;
  if (attempt.purpose === 'cancel') {
    await notePayouts(context.pool, [nonce.payout.id], refusal.reason);
    return 'wait';
  }
  if (newestSigned(nonce) !== undefined) return dropReplacement(context, refused);
  return asks === 1 ? endUnsigned(context, refused) : cancel(context, refused);
}

/** The older transaction on the nonce stands. */
async function dropReplacement(context: EvmContext, { nonce, attempt, refusal }: Refused): Promise<'done'> {
  await commit(context, undefined, (change) => refuse(context, change, nonce, attempt, refusal.reason));
  await notePayouts(context.pool, [nonce.payout.id], refusal.reason);
  return 'done';
}

async function endUnsigned(context: EvmContext, { nonce, attempt, refusal }: Refused): Promise<'done'> {
  const { chain, treasury } = context;
  const { payout } = nonce;
  const key = [chain.chain, treasury.address, nonce.nonce];
  const taken = refusal.reason.code === 'LANE_TAKEN';
  await commit(context, undefined, async (change) => {
    const { sql } = change;
    await refuse(context, change, nonce, attempt, refusal.reason);
    if (taken) {
      // The signer knows the nonce as another payout's: these books are behind its own.
      await sql.query(`update evm_nonces set state = 'lost' where chain = $1 and address = $2 and nonce = $3`, key);
      await pauseAccount(context, change, refusal.reason);
    } else {
      await sql.query('delete from evm_nonces where chain = $1 and address = $2 and nonce = $3', key);
      const { rowCount } = await sql.query(
        `update evm_accounts set next_nonce = $3 where chain = $1 and address = $2 and next_nonce = $3 + 1::bigint`,
        key,
      );
      demandRows(`nonce ${nonce.nonce} given back`, rowCount, 1);
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

async function cancel(context: EvmContext, { nonce, attempt, refusal }: Refused): Promise<'done'> {
  await commit(context, undefined, async (change) => {
    await refuse(context, change, nonce, attempt, refusal.reason);
    await storeDraft(context, change, draftCancel(context, { ...nonce, fees: attempt.fees }));
  });
  await notePayouts(context.pool, [nonce.payout.id], refusal.reason);
  return 'done';
}

async function refuse(
  context: EvmContext,
  change: Change,
  { payout }: OpenNonce,
  attempt: EvmAttempt,
  reason: PayoutReason,
): Promise<void> {
  const { rowCount } = await change.sql.query(
    `update evm_attempts set state = 'refused' where id = $1 and state = 'built'`,
    [attempt.id],
  );
  demandRows(`attempt ${attempt.id} to refused`, rowCount, 1);
  await recordEngineEvent(context, change, {
    name: 'SignTransaction',
    requestId: attempt.id,
    chain: context.chain.chain,
    keyId: context.treasury.key,
    payouts: [payout],
    parameters: { purpose: attempt.purpose, signingHash: attempt.signingHash },
    error: reason,
  });
}
