import { commit } from '../../commit.ts';
import type { PayoutReason } from '../../move-payouts.ts';
import type { Payout } from '../../payouts.ts';
import { recordAttemptEvent } from '../attempt-event.ts';
import { type Attempt, attemptsFor, finishAttempt } from '../attempts.ts';
import type { StellarContext } from '../context.ts';
import type { SendVerdict } from '../send-verdict.ts';
import { goOn } from './go-on.ts';
import { canDeclareMore } from './resources.ts';

/**
 * Gives up an envelope that the node refuses for what it declares or bids, where a better one is left to try. Unlike payments it
 * need not expire first: whichever of the two gets in, the ledger takes their one authorization once.
 *
 * @returns false where it has to expire like any other.
 */
export async function supersede(
  context: StellarContext,
  attempt: Attempt,
  payout: Payout,
  { reason }: Extract<SendVerdict, { kind: 'hopeless' }>,
): Promise<boolean> {
  const attempts = await attemptsFor(context, payout.id);
  if (!canBeBettered(reason, attempts, attempt)) return false;
  await commit(context, undefined, async (change) => {
    await finishAttempt(change.sql, attempt, 'superseded', reason.code);
    await goOn(context, change, attempt, reason);
    await recordAttemptEvent(context, change, 'ResolveTransaction', attempt, [payout], { error: reason });
  });
  return true;
}

function canBeBettered({ code }: PayoutReason, attempts: readonly Attempt[], { sequence }: Attempt): boolean {
  switch (code) {
    case 'TX_SOROBAN_INVALID':
      return canDeclareMore(attempts);
    case 'TX_INSUFFICIENT_FEE':
      // The second one bids the most that is allowed.
      return !attempts.some(
        (each) => each.sequence === sequence && each.state === 'superseded' && each.outcome === code,
      );
    default:
      return false;
  }
}
