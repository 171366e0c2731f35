import { raiseAlarm } from '../../alarm.ts';
import { askSigner, pathOf } from '../../ask-signer.ts';
import { recordEngineEvent } from '../../audit.ts';
import { awaitApproval } from '../../await-approval.ts';
import { type Change, commit } from '../../commit.ts';
import { LIMIT_REACHED, noteLimit } from '../../limits.ts';
import { movePayouts, notePayouts, type PayoutReason } from '../../move-payouts.ts';
import { after, BACKOFF, type Next, NOW } from '../../next.ts';
import type { Payout } from '../../payouts.ts';
import type { SignerAnswer } from '../../signer-answer.ts';
import { freeChannel } from '../channels.ts';
import type { StellarContext } from '../context.ts';
import { doubtPayouts, failPayouts } from '../fail-payouts.ts';
import type { Refusal } from '../refusal.ts';
import {
  type Authorization,
  countAuthorizationAsk,
  endAuthorization,
  storeSignature,
  takeAuthorizationAskBack,
  withdrawAuthorization,
} from './authorizations.ts';
import { checkAuthorization } from './check-authorization.ts';
import { quarantineInvocation } from './quarantine-invocation.ts';

/** Has a stored authorization signed, and stores the signature before anything else. */
export async function stepAuthorize(
  context: StellarContext,
  authorization: Authorization,
  payout: Payout,
): Promise<Next> {
  const asks = await commit(context, undefined, ({ sql }) => countAuthorizationAsk(sql, authorization));
  await context.hooks.at('soroban.authorization.asked');
  const { answer, approvals } = await askSigner(context, {
    attemptId: authorization.id,
    chain: context.chain.chain,
    keyId: context.treasury.key,
    purpose: 'payout',
    payouts: [payout],
    transaction: {
      case: 'stellarAuthorization',
      value: { networkPassphrase: context.chain.networkPassphrase, entryXdr: authorization.unsigned },
    },
  });
  await context.hooks.at('soroban.authorization.answered');
  switch (answer.kind) {
    case 'signed':
      return storeSigned(context, authorization, payout, answer);
    case 'wait':
      if (!answer.unbound) break;
      if (asks > 1) return waitUnbound(context, authorization, payout, answer.reason);
      await withdraw(context, authorization, payout, answer.reason, (change) =>
        goBack(context, change, payout, answer.reason),
      );
      return NOW;
    case 'unapproved':
      if (asks > 1) return waitUnbound(context, authorization, payout, answer.reason);
      await withdraw(context, authorization, payout, answer.reason, (change) =>
        awaitApproval(context, change, {
          chain: context.chain.chain,
          keyId: context.treasury.key,
          attemptId: authorization.id,
          judged: [{ payout, reason: answer.reason }],
          approvals,
        }),
      );
      return NOW;
    case 'broken':
      await quarantineInvocation(context, authorization.channel, authorization.id, payout, answer.reason);
      return after(context.timing.quarantineMs);
    case 'denied':
    case 'bound':
      if (asks > 1) break;
      await acceptRefusal(context, authorization, payout, answer);
      return NOW;
    default:
      answer satisfies never;
  }
  // It may have been signed without our knowing: the same request again, until its last ledger has passed.
  await notePayouts(context.pool, [payout.id], answer.reason);
  return BACKOFF;
}

async function storeSigned(
  context: StellarContext,
  authorization: Authorization,
  payout: Payout,
  { response }: Extract<SignerAnswer, { kind: 'signed' }>,
): Promise<Next> {
  const path = pathOf(response.custodyPath);
  const problem =
    checkAuthorization(authorization, response) ??
    (path === undefined ? 'it does not say how it was signed' : undefined);
  if (problem !== undefined || path === undefined) {
    const reason = { code: 'SIGNED_OTHERWISE', detail: `the signer's answer: ${problem}` };
    await quarantineInvocation(context, authorization.channel, authorization.id, payout, reason);
    return after(context.timing.quarantineMs);
  }
  await commit(context, 'soroban.authorization.signed.uncommitted', async (change) => {
    await storeSignature(change.sql, authorization, response.signedTransaction, path);
    await recordEngineEvent(context, change, {
      ...signEvent(context, authorization, payout),
      response: { custodyPath: path, replayed: response.replayed },
    });
  });
  await context.hooks.at('soroban.authorization.signed.stored');
  return NOW;
}

/** An earlier request may have been signed without our knowing, though not this one. */
async function waitUnbound(
  context: StellarContext,
  authorization: Authorization,
  payout: Payout,
  reason: PayoutReason,
): Promise<Next> {
  await takeAuthorizationAskBack(context, authorization);
  await notePayouts(context.pool, [payout.id], reason);
  return BACKOFF;
}

/** Not signed yet, and nothing bound: it lives for minutes, so that the payout waits without one, and without the channel. */
async function withdraw(
  context: StellarContext,
  authorization: Authorization,
  payout: Payout,
  error: PayoutReason,
  move: (change: Change) => Promise<void>,
): Promise<void> {
  await commit(context, undefined, async (change) => {
    await withdrawAuthorization(change.sql, authorization);
    await move(change);
    await freeChannel(context, change.sql, authorization.channel);
    await recordEngineEvent(context, change, { ...signEvent(context, authorization, payout), error });
  });
}

/** Back into the queue, for when the signer takes it; it may take others of another asset before. */
async function goBack(context: StellarContext, change: Change, payout: Payout, reason: PayoutReason): Promise<void> {
  const { id, chain, keyId, asset } = payout;
  await movePayouts(context, change, { chain, ids: [id], from: ['signing'], to: 'created', reason });
  const amount = reason.code === LIMIT_REACHED ? payout.amount : 0n;
  await noteLimit(context, change, { chain, keyId, asset, amount, reason });
}

/** A refusal of the first request: nothing was signed, and nothing bound. */
async function acceptRefusal(
  context: StellarContext,
  authorization: Authorization,
  payout: Payout,
  { kind, reason }: Refusal,
): Promise<void> {
  await commit(context, undefined, async (change) => {
    await endAuthorization(change.sql, authorization, 'refused');
    if (kind === 'denied') await failPayouts(context, change, authorization.id, [{ payout, reason }]);
    else {
      // Bound otherwise: our books and the signer's differ.
      await doubtPayouts(context, change, authorization.id, [payout], reason);
      raiseAlarm(context, change, {
        chain: context.chain.chain,
        reason: reason.code,
        detail: reason.detail,
        subject: `payout ${payout.id}`,
      });
    }
    await freeChannel(context, change.sql, authorization.channel);
    await recordEngineEvent(context, change, { ...signEvent(context, authorization, payout), error: reason });
  });
}

function signEvent({ chain, treasury }: StellarContext, { id, hash }: Authorization, payout: Payout) {
  return {
    name: 'SignAuthorization',
    requestId: id,
    chain: chain.chain,
    keyId: treasury.key,
    payouts: [payout],
    parameters: { authorizationHash: hash },
  } as const;
}
