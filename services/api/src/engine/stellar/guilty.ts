import type { Payout } from '../payouts.ts';
import { baseAccount } from './account.ts';
import type { Judged } from './plan.ts';
import type { OperationFault } from './result.ts';

export interface FailedBatch {
  /** In the order of the operations. */
  readonly payouts: readonly Payout[];
  readonly faults: readonly OperationFault[];
  /** Operations that create an account. */
  readonly creations: ReadonlySet<number>;
  /** Whether an earlier attempt failed in the same way for the payout. */
  failedBefore(payoutId: string, code: string): boolean;
}

/**
 * The payouts that made a transaction fail. Not guilty is a payment to an account that the same transaction should have
 * created, and a creation that somebody else was faster with: the next plan fits them, but only once.
 */
export function guiltyPayouts({ payouts, faults, creations, failedBefore }: FailedBatch): Judged[] {
  const notCreated = new Set(
    faults.filter(({ index }) => creations.has(index)).flatMap(({ index }) => accountOf(payouts[index])),
  );
  return faults.flatMap(({ index, code, blame }): Judged[] => {
    const payout = payouts[index];
    if (payout === undefined || blame === 'setup' || blame === 'treasury') return [];
    const depends = !creations.has(index) && notCreated.has(baseAccount(payout.destination));
    const passing = blame === 'passing' || depends;
    if (passing && !failedBefore(payout.id, code)) return [];
    return [{ payout, reason: { code, detail: 'the ledger refused it; nothing was paid' } }];
  });
}

function accountOf(payout: Payout | undefined): string[] {
  return payout === undefined ? [] : [baseAccount(payout.destination)];
}
