import type { AssetId } from '@countersign/chains/caip';
import { CountersignError, type Reason } from '@countersign/contract/errors';
import type { KeyPolicy } from '@countersign/policy/schema';
import type { Ask } from './ask.ts';
import { type Book, type Charge, rowKey, type Spent } from './book.ts';
import { feeSlotOf } from './fee-slot.ts';

const MICROSECONDS = 1_000_000n;

/** A limit over time: at most so much, and so often, within so many seconds that slide. */
export interface Window {
  readonly seconds: number;
  /** Smallest unit. */
  readonly maxAmount?: bigint;
  readonly maxCount?: bigint;
}

interface Item {
  /** CAIP-19 id, or {@link FEE}. */
  readonly measure: string;
  /** Payout id, or the slot that is charged once. */
  readonly item: string;
  /** Smallest unit. */
  readonly amount: bigint;
  readonly windows: readonly Window[];
}

/** The measure of fees. No CAIP-19 id is without a slash. */
export const FEE = 'fee';

/** Rows that change, by their keys in the book. */
export interface Spending {
  readonly charges: ReadonlyMap<string, Charge>;
  readonly spent: ReadonlyMap<string, Spent>;
}

/**
 * What an ask charges to the windows of its key: each payout to its asset, the highest fee that can be taken to the fee budget.
 * What is charged already is not charged again, and its charge moves to now: it can be spent as late as the new signature
 * lives. So counters never count too little; they count too much where a signature is never used.
 *
 * @throws CountersignError LIMIT_REACHED with every window that has no room.
 */
export function spendingOf(book: Book, ask: Ask): Spending {
  const keyId = ask.proposal.key.id;
  const charges = new Map<string, Charge>();
  const spent = new Map<string, Spent>();
  const reasons: Reason[] = [];
  for (const item of itemsOf(ask)) {
    const key = rowKey(keyId, item.measure, item.item);
    const before = book.charges.get(key);
    charges.set(key, { amount: max(item.amount, before?.amount ?? 0n), at: book.now });
    for (const window of item.windows) {
      const counter = rowKey(keyId, item.measure, window.seconds);
      const after = added(spent.get(counter) ?? spentIn(book, counter), before, item.amount, window, book.now);
      const problem = problemOf(after, item, window);
      if (problem !== undefined) reasons.push(problem);
      spent.set(counter, after);
    }
  }
  if (reasons.length > 0) {
    const codes = [...new Set(reasons.map(({ code }) => code))].join(', ');
    throw new CountersignError('LIMIT_REACHED', `a limit over time has no room for this now: ${codes}`, { reasons });
  }
  return { charges, spent };
}

/** What is charged by an ask: its payouts, then its fee. */
export function itemsOf({ proposal, policy }: Pick<Ask, 'proposal' | 'policy'>): Item[] {
  const payouts = proposal.payouts.map(({ payoutId, asset, amount }) => ({
    measure: asset,
    item: payoutId,
    amount,
    windows: windowsOf(policy, asset),
  }));
  const fee = feeSlotOf(proposal);
  if (fee === undefined) return payouts;
  return [...payouts, { measure: FEE, item: fee.slot, amount: fee.most, windows: policy.feeWindows }];
}

function windowsOf(policy: KeyPolicy, asset: AssetId): readonly Window[] {
  return policy.assets.get(asset)?.windows ?? [];
}

function spentIn(book: Book, counter: string): Spent {
  const spent = book.spent.get(counter);
  if (spent === undefined) throw new CountersignError('INTERNAL', 'spend_counters: expected to have read the window');
  return spent;
}

/** The sum with this item in it; as it was, where the item is in it already and grows by nothing. */
function added(spent: Spent, before: Charge | undefined, amount: bigint, { seconds }: Window, now: bigint): Spent {
  if (before === undefined) return { amount: spent.amount + amount, count: spent.count + 1n };
  const most = max(amount, before.amount);
  const counted = before.at > now - BigInt(seconds) * MICROSECONDS;
  return counted
    ? { amount: spent.amount + most - before.amount, count: spent.count }
    : { amount: spent.amount + most, count: spent.count + 1n };
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);

function problemOf(spent: Spent, { measure }: Item, { seconds, maxAmount, maxCount }: Window): Reason | undefined {
  if (maxAmount !== undefined && spent.amount > maxAmount) {
    const code = measure === FEE ? 'FEE_BUDGET_REACHED' : 'AMOUNT_WINDOW_REACHED';
    const message = `${measure}: expected at most ${maxAmount} within ${seconds} s, with this it would be ${spent.amount}`;
    return { code, message };
  }
  if (maxCount !== undefined && spent.count > maxCount) {
    const message = `${measure}: expected at most ${maxCount} payouts within ${seconds} s, with this it would be ${spent.count}`;
    return { code: 'COUNT_WINDOW_REACHED', message };
  }
  return undefined;
}
