import { recordEngineEvent } from '../../audit.ts';
import { commit } from '../../commit.ts';
import { movePayouts, notePayouts, type PayoutReason } from '../../move-payouts.ts';
import { type Payout, WAITING } from '../../payouts.ts';
import { type Channel, occupyChannel, restChannel } from '../channels.ts';
import type { StellarContext } from '../context.ts';
import { failPayouts } from '../fail-payouts.ts';
import { isBehind } from '../survey.ts';
import { insertAuthorization, type NewAuthorization } from './authorizations.ts';
import { preflight } from './preflight.ts';
import { NOT_CONFIGURED } from './reasons.ts';
import { isSignerSilent } from './signer-silence.ts';

const NO_MEMO: PayoutReason = { code: 'MEMO_NOT_SUPPORTED', detail: 'no contract sees the memo of a transaction' };
const SIGNER_SILENT: PayoutReason = {
  code: 'SIGNER_UNAVAILABLE',
  detail: 'the authorization of another payout waits for its signature',
};

/**
 * Takes up a payout that is paid by a contract call: looks whether it would pass, gives it the free channel and stores its one
 * authorization. The channel does the rest.
 */
export async function startInvocation(
  context: StellarContext,
  channel: Channel,
  payout: Payout,
): Promise<'stored' | 'failed' | 'waiting'> {
  const { soroban } = context.treasury;
  if (soroban === undefined) return fail(context, payout, NOT_CONFIGURED);
  if (payout.memo !== undefined) return fail(context, payout, NO_MEMO);
  if (await isSignerSilent(context)) return wait(context, payout, SIGNER_SILENT);
  const seen = await preflight(context, soroban, channel, payout);
  await context.hooks.at('soroban.preflight.done');
  switch (seen.kind) {
    case 'passed':
      return store(context, channel, payout, seen.sequence, seen.authorization);
    case 'failed':
      // What is not there may only not be there yet.
      return (await isBehind(context, seen.ledger)) ? 'waiting' : fail(context, payout, seen.reason);
    case 'channel':
      context.log.error({ channel: channel.address, reason: seen.reason }, 'a channel account is not fit for use');
      await restChannel(context, channel.address);
      return wait(context, payout, seen.reason);
    case 'waiting':
      return wait(context, payout, seen.reason);
    default:
      return seen satisfies never;
  }
}

async function wait(context: StellarContext, { id }: Payout, reason: PayoutReason): Promise<'waiting'> {
  await notePayouts(context.pool, [id], reason);
  return 'waiting';
}

async function fail(context: StellarContext, payout: Payout, reason: PayoutReason): Promise<'failed'> {
  await commit(context, undefined, (change) => failPayouts(context, change, undefined, [{ payout, reason }]));
  return 'failed';
}

async function store(
  context: StellarContext,
  channel: Channel,
  payout: Payout,
  sequence: bigint,
  authorization: NewAuthorization,
): Promise<'stored'> {
  const { chain, treasury } = context;
  await commit(context, 'soroban.authorization.uncommitted', async (change) => {
    await occupyChannel(context, change.sql, channel, sequence);
    await insertAuthorization(context, change.sql, authorization);
    await movePayouts(context, change, {
      chain: chain.chain,
      ids: [payout.id],
      from: WAITING,
      to: 'signing',
      detail: { authorization: authorization.id },
    });
    await recordEngineEvent(context, change, {
      name: 'BuildAuthorization',
      requestId: authorization.id,
      chain: chain.chain,
      keyId: treasury.key,
      payouts: [payout],
      parameters: {
        channel: channel.address,
        nonce: authorization.nonce.toString(),
        expirationLedger: authorization.expirationLedger.toString(),
      },
      response: { authorizationHash: authorization.hash },
    });
  });
  await context.hooks.at('soroban.authorization.stored');
  return 'stored';
}
