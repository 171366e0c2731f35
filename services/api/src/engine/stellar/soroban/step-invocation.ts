import { clearChainTrouble, noteChainTrouble } from '../../chain-trouble.ts';
import { after, BACKOFF, type Next } from '../../next.ts';
import type { Payout } from '../../payouts.ts';
import type { Channel } from '../channels.ts';
import type { StellarContext } from '../context.ts';
import { settle } from '../settle.ts';
import { resolveUsedNumber } from '../used-number.ts';
import { type Authorization, authorizedPayout, noteUnused } from './authorizations.ts';
import { stepAuthorize } from './authorize.ts';
import { buildEnvelope } from './build-envelope.ts';
import { endAsUsed, endUnused } from './end-authorization.ts';
import { type Look, look, lookUpAll } from './look.ts';

/** One step of a channel that is held by an authorization and carries no transaction. */
export async function stepInvocation(
  context: StellarContext,
  channel: Channel,
  authorization: Authorization,
): Promise<Next> {
  const payout = await authorizedPayout(context, authorization);
  const aside = channel.state === 'quarantined';
  try {
    if (authorization.asks === 0 && !aside) return await stepAuthorize(context, authorization, payout);
    const seen = await look(context, authorization);
    const next = await resolve(context, authorization, payout, seen);
    await clearChainTrouble(context, [payout.id]);
    if (next !== undefined) return next;
    if (aside) return after(context.timing.quarantineMs);
    return await proceed(context, channel, authorization, payout, seen);
  } catch (error) {
    await noteChainTrouble(context, context.chain.chain, 'build', [payout.id], error);
    return BACKOFF;
  }
}

/** Ends the payout where the ledger has decided; undefined where it has not. */
async function resolve(
  context: StellarContext,
  authorization: Authorization,
  payout: Payout,
  seen: Look,
): Promise<Next | undefined> {
  const { ledger, used } = seen;
  // The node is behind what the ledger has told before.
  if (ledger < authorization.unusedAt) return after(context.timing.pollMs);
  const over = used || ledger > authorization.expirationLedger;
  if (!over) {
    await noteUnused(context, authorization, ledger);
    return undefined;
  }
  const remains = await lookUpAll(context, payout.id, ledger);
  switch (remains.kind) {
    case 'found':
      return settle(context, remains.attempt, remains.found);
    case 'open':
      return after(context.timing.pollMs);
    case 'none':
      return used ? endAsUsed(context, authorization, payout) : endUnused(context, authorization, payout, ledger);
    default:
      return remains satisfies never;
  }
}

/** The ledger has not decided: the next signature, or the next envelope. */
async function proceed(
  context: StellarContext,
  channel: Channel,
  authorization: Authorization,
  payout: Payout,
  seen: Look,
): Promise<Next> {
  if (seen.sequence === undefined || seen.sequence > channel.sequence) {
    const sequence = channel.sequence + 1n;
    return resolveUsedNumber(context, channel, { sequence, ledger: seen.ledger, payouts: [payout], live: undefined });
  }
  if (seen.sequence < channel.sequence) return after(context.timing.pollMs);
  const { signed } = authorization;
  if (signed === undefined) return stepAuthorize(context, authorization, payout);
  return buildEnvelope(context, channel, { ...authorization, signed }, payout, seen);
}
