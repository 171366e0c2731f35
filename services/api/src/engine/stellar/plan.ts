import type { AssetId } from '@countersign/chains/caip';
import type { PayoutReason } from '../move-payouts.ts';
import type { Payout } from '../payouts.ts';
import { baseAccount, LEAST_NEW_BALANCE } from './account.ts';
import { BEING_CREATED, judge, LINE_FULL, type Surroundings } from './judge.ts';

/** A payout as an operation of the transaction. */
export interface Payment {
  readonly payout: Payout;
  readonly createAccount: boolean;
}

export interface Plan {
  /** In the order of the operations: an account is created before it is paid again. */
  readonly payments: readonly Payment[];
  /** Those that cannot be paid as they are; nothing of them was signed on this plan. */
  readonly failed: readonly Judged[];
  /** Those that have to wait. */
  readonly waiting: readonly Judged[];
}

export interface Judged {
  readonly payout: Payout;
  readonly reason: PayoutReason;
}

/** Plans one transaction for payouts of one memo, in their order. Several payouts to a new account share one creation. */
export function planBatch(payouts: readonly Payout[], surroundings: Surroundings): Plan {
  const judged = payouts.map((payout) => ({ payout, judgement: judge(payout, surroundings) }));
  const creators = creatorsAmong(
    judged.filter(({ judgement }) => judgement.kind === 'new').map(({ payout }) => payout),
  );
  const failed: Judged[] = [];
  const waiting: Judged[] = [];
  const payments: Payment[] = [];
  const planned = new Set<string>();
  const spent = new Map<AssetId, bigint>();
  const filled = new Map<string, bigint>();

  const add = (payout: Payout, createAccount: boolean): boolean => {
    const { asset, amount } = payout;
    const before = spent.get(asset) ?? 0n;
    const { available, paused } = surroundings.holdings.get(asset) ?? NOTHING;
    if (paused !== undefined || before + amount > available) {
      waiting.push({ payout, reason: paused ?? UNDERFUNDED });
      return false;
    }
    spent.set(asset, before + amount);
    payments.push({ payout, createAccount });
    planned.add(payout.id);
    return true;
  };

  for (const { payout, judgement } of judged) {
    if (planned.has(payout.id)) continue;
    switch (judgement.kind) {
      case 'failed':
        failed.push({ payout, reason: judgement.reason });
        break;
      case 'waiting':
        waiting.push({ payout, reason: judgement.reason });
        break;
      case 'known':
        add(payout, false);
        break;
      case 'line': {
        const before = filled.get(judgement.line) ?? 0n;
        if (before + payout.amount > judgement.room) failed.push({ payout, reason: LINE_FULL });
        else if (add(payout, false)) filled.set(judgement.line, before + payout.amount);
        break;
      }
      case 'new': {
        const account = baseAccount(payout.destination);
        const creator = creators.get(account);
        if (creator === undefined) {
          if (surroundings.awaited.has(account)) waiting.push({ payout, reason: BEING_CREATED });
          else failed.push({ payout, reason: judgement.reason });
        } else if (!planned.has(creator.id) && !add(creator, true)) {
          if (creator !== payout) waiting.push({ payout, reason: BEING_CREATED });
        } else if (creator !== payout) add(payout, false);
        break;
      }
      default:
        judgement satisfies never;
    }
  }
  return { payments, failed, waiting: distinct(waiting) };
}

export const UNDERFUNDED: PayoutReason = {
  code: 'TREASURY_UNDERFUNDED',
  detail: 'the treasury cannot pay it now',
};
const NOTHING = { available: 0n, paused: undefined };

/** For each new account, the first payout that is large enough to create it. */
function creatorsAmong(payouts: readonly Payout[]): ReadonlyMap<string, Payout> {
  const creators = new Map<string, Payout>();
  for (const payout of payouts) {
    const { amount, destination } = payout;
    const plain = baseAccount(destination) === destination;
    if (plain && amount >= LEAST_NEW_BALANCE && !creators.has(destination)) creators.set(destination, payout);
  }
  return creators;
}

function distinct(judged: readonly Judged[]): Judged[] {
  return [...new Map(judged.map((each) => [each.payout.id, each])).values()];
}
