import { raiseAlarm } from '../../alarm.ts';
import { recordEngineEvent } from '../../audit.ts';
import { type Change, commit } from '../../commit.ts';
import type { PayoutReason } from '../../move-payouts.ts';
import { type Next, POKED } from '../../next.ts';
import type { Payout } from '../../payouts.ts';
import { freeChannel } from '../channels.ts';
import type { StellarContext } from '../context.ts';
import { doubtPayouts, failPayouts } from '../fail-payouts.ts';
import { type Authorization, endAuthorization } from './authorizations.ts';
import { proveUnused } from './unused-proof.ts';

const USED_ELSEWHERE: PayoutReason = {
  code: 'AUTHORIZATION_USED',
  detail: 'an envelope that is not ours used the authorization: the transfer was probably made, once',
};
const FORGOTTEN: PayoutReason = {
  code: 'HISTORY_MISSING',
  detail: 'nobody looked for too long to tell whether somebody else used the authorization before it expired',
};

/** The ledger took the authorization, and not in an envelope of ours: a person has to look. */
export async function endAsUsed(context: StellarContext, authorization: Authorization, payout: Payout): Promise<Next> {
  await commit(context, undefined, (change) => setAside(context, change, authorization, payout, USED_ELSEWHERE));
  return POKED;
}

/** The authorization's last ledger has passed, and none of our envelopes succeeded: unpaid, where nobody else's can have. */
export async function endUnused(
  context: StellarContext,
  authorization: Authorization,
  payout: Payout,
  ledger: bigint,
): Promise<Next> {
  const proven = await proveUnused(context.rpc, authorization, ledger);
  await context.hooks.at('soroban.expiry.proven');
  await commit(context, 'soroban.expiry.uncommitted', async (change) => {
    if (!proven) return setAside(context, change, authorization, payout, FORGOTTEN);
    const reason = { code: 'AUTHORIZATION_EXPIRED', detail: await lastReason(change, payout) };
    await endAuthorization(change.sql, authorization, 'expired');
    await failPayouts(context, change, authorization.id, [{ payout, reason }]);
    await freeChannel(context, change.sql, authorization.channel);
    await recordResolved(context, change, authorization, payout, reason);
  });
  await context.hooks.at('soroban.expiry.stored');
  return POKED;
}

async function setAside(
  context: StellarContext,
  change: Change,
  authorization: Authorization,
  payout: Payout,
  reason: PayoutReason,
): Promise<void> {
  await endAuthorization(change.sql, authorization, 'lost');
  await doubtPayouts(context, change, authorization.id, [payout], reason);
  await freeChannel(context, change.sql, authorization.channel);
  await recordResolved(context, change, authorization, payout, reason);
  raiseAlarm(context, change, {
    chain: context.chain.chain,
    reason: reason.code,
    detail: reason.detail,
    subject: `payout ${payout.id}`,
  });
}

/** Why it was not paid in time: what the payout shows. */
async function lastReason({ sql }: Change, { id }: Payout): Promise<string> {
  const { rows } = await sql.query<{ reason_code: string | null; reason_detail: string | null }>(
    'select reason_code, reason_detail from payouts where id = $1',
    [id],
  );
  const { reason_code: code = null, reason_detail: detail = null } = rows[0] ?? {};
  const before = 'it was not included before its authorization expired';
  return code === null ? before : `${before}; last: ${code}: ${detail ?? ''}`;
}

async function recordResolved(
  context: StellarContext,
  change: Change,
  { id, hash }: Authorization,
  payout: Payout,
  reason: PayoutReason,
): Promise<void> {
  await recordEngineEvent(context, change, {
    name: 'ResolveAuthorization',
    requestId: id,
    chain: context.chain.chain,
    keyId: context.treasury.key,
    payouts: [payout],
    parameters: { authorizationHash: hash },
    error: reason,
  });
}
