import { commit } from '../commit.ts';
import { LIMIT_REACHED, noteLimit } from '../limits.ts';
import { movePayouts, notePayouts, type PayoutReason } from '../move-payouts.ts';
import type { EvmContext } from './context.ts';
import { type EvmAttempt, newestSigned, type OpenNonce } from './nonces.ts';
import { giveNonceBack, refuseAttempt } from './refuse-attempt.ts';

export interface NoRoom {
  readonly nonce: OpenNonce;
  readonly attempt: EvmAttempt;
  readonly reason: PayoutReason;
  /** How often the signature was asked for. */
  readonly asks: number;
}

/**
 * Makes room when the signer finds a nonce to be out of its window, or a limit over time to be reached: for replacements of lower
 * nonces, and for payouts that the limit does not concern, because an account has one unsigned transaction at a time. Asked
 * the first time, nothing was bound, and the payout waits without a nonce.
 */
export async function leaveWindow(
  context: EvmContext,
  { nonce, attempt, reason, asks }: NoRoom,
): Promise<'done' | 'wait'> {
  const { payout } = nonce;
  const unbound = asks === 1 && attempt.purpose === 'payout' && newestSigned(nonce) === undefined;
  await commit(context, undefined, async (change) => {
    await refuseAttempt(context, change, nonce, attempt, reason);
    if (!unbound) return;
    await giveNonceBack(context, change, nonce.nonce);
    const chain = context.chain.chain;
    await movePayouts(context, change, { chain, ids: [payout.id], from: ['signing'], to: 'created', reason });
    if (reason.code === LIMIT_REACHED) await noteLimit(context, change, { ...payout, reason });
  });
  if (unbound) return 'done';
  await notePayouts(context.pool, [payout.id], reason);
  return 'wait';
}
