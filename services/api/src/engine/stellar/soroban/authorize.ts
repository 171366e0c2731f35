import { raiseAlarm } from '../../alarm.ts';
import { askSigner, pathOf } from '../../ask-signer.ts';
import { recordEngineEvent } from '../../audit.ts';
import { commit } from '../../commit.ts';
import { notePayouts } from '../../move-payouts.ts';
import { after, BACKOFF, type Next, NOW } from '../../next.ts';
import type { Payout } from '../../payouts.ts';
import type { SignerAnswer } from '../../signer-answer.ts';
import { freeChannel } from '../channels.ts';
import type { StellarContext } from '../context.ts';
import { doubtPayouts, failPayouts } from '../fail-payouts.ts';
import type { Refusal } from '../refusal.ts';
import { type Authorization, countAuthorizationAsk, endAuthorization, storeSignature } from './authorizations.ts';
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
  const answer = await askSigner(context, {
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
      break;
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
