import { askSigner, pathOf } from '../ask-signer.ts';
import { recordEngineEvent } from '../audit.ts';
import { commit, demandRows } from '../commit.ts';
import { LIMIT_REACHED } from '../limits.ts';
import { movePayouts, notePayouts, type PayoutReason } from '../move-payouts.ts';
import type { SignerAnswer } from '../signer-answer.ts';
import { pauseAccount } from './accounts.ts';
import type { ChainView } from './chain-view.ts';
import { checkSigned } from './check-signed.ts';
import type { EvmContext } from './context.ts';
import { type EvmAttempt, newestSigned, type OpenNonce } from './nonces.ts';
import { acceptRefusal } from './refusal.ts';
import { OUT_OF_WINDOW } from './waiting.ts';
import { leaveWindow } from './window.ts';

/**
 * Has a stored transaction signed, and stores the signature before anything else.
 *
 * @param view the chain at this step
 * @param lowestOpen the lowest nonce of the account that is not final
 * @returns `wait` when the same is to be asked again later.
 */
export async function signAttempt(
  context: EvmContext,
  view: ChainView,
  nonce: OpenNonce,
  attempt: EvmAttempt,
  lowestOpen: bigint,
): Promise<'done' | 'wait'> {
  const { payout } = nonce;
  const asks = await countAsk(context, attempt);
  await context.hooks.at('evm.sign.asked');
  const { answer, approvals } = await askSigner(context, {
    attemptId: attempt.id,
    chain: context.chain.chain,
    keyId: context.treasury.key,
    purpose: attempt.purpose,
    payouts: attempt.purpose === 'payout' ? [payout] : [],
    transaction: { case: 'evm', value: { unsignedTransaction: attempt.unsigned, lowestOpenNonce: lowestOpen } },
  });
  await context.hooks.at('evm.sign.answered');
  switch (answer.kind) {
    case 'signed':
      return storeSigned(context, nonce, attempt, answer);
    case 'wait':
      if (hasNoRoom(nonce, attempt, answer.reason, asks)) {
        return leaveWindow(context, { nonce, attempt, reason: answer.reason, asks });
      }
      if (answer.unbound) await takeAskBack(context, attempt);
      await notePayouts(context.pool, [payout.id], answer.reason);
      return 'wait';
    case 'broken':
      return pause(context, nonce, answer.reason);
    case 'denied':
    case 'bound':
    case 'unapproved':
      return acceptRefusal(context, view, { nonce, attempt, refusal: answer, approvals, asks });
    default:
      return answer satisfies never;
  }
}

/** Counts the request before it is sent: from the second on, nobody knows what became of the first. */
async function countAsk({ pool }: EvmContext, attempt: EvmAttempt): Promise<number> {
  const { rows, rowCount } = await pool.query<{ asks: number }>(
    `update evm_attempts set asks = asks + 1 where id = $1 and state = 'built' returning asks`,
    [attempt.id],
  );
  demandRows(`attempt ${attempt.id} to be signed`, rowCount, 1);
  return rows[0]?.asks ?? 0;
}

/** Nothing can have come of a request that was answered like this. */
async function takeAskBack({ pool }: EvmContext, attempt: EvmAttempt): Promise<void> {
  await pool.query(`update evm_attempts set asks = asks - 1 where id = $1 and state = 'built'`, [attempt.id]);
}

/**
 * Whether the signer has room for others, though not for this one. A payout that may have been signed before keeps its nonce
 * while a limit over time is reached: a cancel would end it.
 */
function hasNoRoom(nonce: OpenNonce, { purpose }: EvmAttempt, { code }: PayoutReason, asks: number): boolean {
  if (code === OUT_OF_WINDOW) return true;
  return code === LIMIT_REACHED && (asks === 1 || purpose === 'cancel' || newestSigned(nonce) !== undefined);
}

async function storeSigned(
  context: EvmContext,
  nonce: OpenNonce,
  attempt: EvmAttempt,
  { response }: Extract<SignerAnswer, { kind: 'signed' }>,
): Promise<'done' | 'wait'> {
  const { chain, treasury } = context;
  const { payout } = nonce;
  const path = pathOf(response.custodyPath);
  const problem = await checkSigned(attempt, treasury.address, response);
  if (problem !== undefined || path === undefined) {
    const detail = `the signer's answer: ${problem ?? 'it does not say how it was signed'}`;
    return pause(context, nonce, { code: 'SIGNED_OTHERWISE', detail });
  }
  const hash = `0x${Buffer.from(response.transactionHash).toString('hex')}`;
  await commit(context, 'evm.signed.uncommitted', async (change) => {
    const { rowCount } = await change.sql.query(
      `update evm_attempts set state = 'signed', signed = $2, hash = $3, path = $4, signed_at = now()
       where id = $1 and state = 'built'`,
      [attempt.id, response.signedTransaction, hash, path],
    );
    demandRows(`attempt ${attempt.id} to signed`, rowCount, 1);
    if (newestSigned(nonce) === undefined) {
      await movePayouts(context, change, {
        chain: chain.chain,
        ids: [payout.id],
        from: ['signing'],
        to: 'submitted',
        hash,
        path,
        detail: { attempt: attempt.id, nonce: nonce.nonce.toString() },
      });
    } else {
      // A replacement: the payout stays where it is, under the name that it will most likely be mined by.
      await change.sql.query(
        `update payouts set hash = $2, path = $3, updated_at = now() where id = $1 and status = 'submitted'`,
        [payout.id, hash, path],
      );
    }
    await recordEngineEvent(context, change, {
      name: 'SignTransaction',
      requestId: attempt.id,
      chain: chain.chain,
      keyId: treasury.key,
      payouts: [payout],
      parameters: { purpose: attempt.purpose, signingHash: attempt.signingHash },
      response: { transactionHash: hash, custodyPath: path, replayed: response.replayed },
    });
  });
  await context.hooks.at('evm.signed.stored');
  return 'done';
}

/** Something that should be impossible: nothing new is signed with the key until a person has looked. */
async function pause(context: EvmContext, { payout }: OpenNonce, reason: PayoutReason): Promise<'wait'> {
  await notePayouts(context.pool, [payout.id], reason);
  await commit(context, undefined, (change) => pauseAccount(context, change, reason));
  return 'wait';
}
