import { askSigner, pathOf } from '../ask-signer.ts';
import { commit, demandRows } from '../commit.ts';
import { LIMIT_REACHED } from '../limits.ts';
import { movePayouts, notePayouts } from '../move-payouts.ts';
import { after, BACKOFF, type Next, NOW } from '../next.ts';
import { type Payout, payoutIds } from '../payouts.ts';
import type { SignerAnswer } from '../signer-answer.ts';
import { recordAttemptEvent } from './attempt-event.ts';
import { type Attempt, attemptPayouts } from './attempts.ts';
import { checkSigned } from './check-signed.ts';
import type { StellarContext } from './context.ts';
import { bidLess, isAboutFee } from './fee-refusal.ts';
import { markBound } from './lane.ts';
import { makeRoom } from './make-room.ts';
import { quarantineLane } from './quarantine.ts';
import { acceptRefusal } from './refusal.ts';
import { refuseEnvelope } from './soroban/refuse-envelope.ts';

/** Has a stored transaction signed, and stores the signature before anything else. */
export async function stepSign(context: StellarContext, attempt: Attempt): Promise<Next> {
  const payouts = await attemptPayouts(context.pool, attempt.id);
  const asks = await countAsk(context, attempt, payouts);
  await context.hooks.at('stellar.sign.asked');
  const { answer, approvals } = await askSigner(context, {
    attemptId: attempt.id,
    chain: context.chain.chain,
    keyId: context.treasury.key,
    purpose: 'payout',
    payouts,
    transaction: {
      case: 'stellar',
      value: { networkPassphrase: context.chain.networkPassphrase, envelopeXdr: attempt.unsigned },
    },
  });
  await context.hooks.at('stellar.sign.answered');
  switch (answer.kind) {
    case 'signed':
      return storeSigned(context, attempt, payouts, answer);
    case 'wait':
      if (
        asks === 1 &&
        answer.reason.code === LIMIT_REACHED &&
        (await makeRoom(context, attempt, payouts, answer.reason))
      ) {
        return NOW;
      }
      if (answer.unbound) await takeAskBack(context, attempt);
      await notePayouts(context.pool, payoutIds(payouts), answer.reason);
      return BACKOFF;
    case 'broken':
      await quarantineLane(context, attempt, answer.reason);
      return after(context.timing.quarantineMs);
    case 'unapproved':
      if (asks === 1 && attempt.kind === 'payments') {
        await acceptRefusal(context, attempt, payouts, { ...answer, approvals });
        return NOW;
      }
      // An envelope's authorization is signed: the same envelope is signed once there is an approval again.
      await takeAskBack(context, attempt);
      await notePayouts(context.pool, payoutIds(payouts), answer.reason);
      return BACKOFF;
    case 'denied':
    case 'bound':
      if (asks === 1) {
        const next = isAboutFee(answer) ? await bidLess(context, attempt, payouts, answer) : undefined;
        if (next !== undefined) return next;
        const [payout] = attempt.kind === 'invocation' ? payouts : [];
        if (payout !== undefined) return refuseEnvelope(context, attempt, payout, answer);
        await acceptRefusal(context, attempt, payouts, answer);
        return NOW;
      }
      // An earlier request may have been signed without our knowing: only its expiry settles that.
      await notePayouts(context.pool, payoutIds(payouts), answer.reason);
      return BACKOFF;
    default:
      return answer satisfies never;
  }
}

/** Counts the request before it is sent: from the second on, nobody knows what became of the first. */
async function countAsk(context: StellarContext, attempt: Attempt, payouts: readonly Payout[]): Promise<number> {
  return commit(context, undefined, async ({ sql }) => {
    const { rows, rowCount } = await sql.query<{ asks: number }>(
      `update stellar_attempts set asks = asks + 1 where id = $1 and state = 'built' returning asks`,
      [attempt.id],
    );
    demandRows(`attempt ${attempt.id} to be signed`, rowCount, 1);
    const asks = rows[0]?.asks ?? 0;
    if (asks > 1) await markBound(sql, payoutIds(payouts));
    return asks;
  });
}

/** Nothing can have come of a request that was answered like this. */
async function takeAskBack({ pool }: StellarContext, attempt: Attempt): Promise<void> {
  await pool.query(`update stellar_attempts set asks = asks - 1 where id = $1 and state = 'built'`, [attempt.id]);
}

async function storeSigned(
  context: StellarContext,
  attempt: Attempt,
  payouts: readonly Payout[],
  { response }: Extract<SignerAnswer, { kind: 'signed' }>,
): Promise<Next> {
  const path = pathOf(response.custodyPath);
  const problem =
    checkSigned(attempt, response) ?? (path === undefined ? 'it does not say how it was signed' : undefined);
  if (problem !== undefined || path === undefined) {
    const reason = { code: 'SIGNED_OTHERWISE', detail: `the signer's answer: ${problem}` };
    await quarantineLane(context, attempt, reason);
    return after(context.timing.quarantineMs);
  }
  const ids = payoutIds(payouts);
  await commit(context, 'stellar.signed.uncommitted', async (change) => {
    const { rowCount } = await change.sql.query(
      `update stellar_attempts set state = 'signed', signed = $2, path = $3, signed_at = now()
       where id = $1 and state = 'built'`,
      [attempt.id, response.signedTransaction, path],
    );
    demandRows(`attempt ${attempt.id} to signed`, rowCount, 1);
    await markBound(change.sql, ids);
    // From here on it has to be taken for submitted.
    const chain = context.chain.chain;
    await movePayouts(context, change, {
      chain,
      ids,
      from: ['signing'],
      to: 'submitted',
      path,
      detail: { attempt: attempt.id },
    });
    await recordAttemptEvent(context, change, 'SignTransaction', attempt, payouts, {
      response: { custodyPath: path, replayed: response.replayed },
    });
  });
  await context.hooks.at('stellar.signed.stored');
  return NOW;
}
