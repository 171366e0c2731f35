import type { KeyLimits, Window } from './limits.ts';
import { assetOf, feeOf, payoutsOf, type Recipe } from './recipe.ts';
import type { World } from './world.ts';

/** When something may have happened, in microseconds of the model's time: not before `from`, not after `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What a payout or a fee takes from the windows of a measure, from the last time that it was signed, or may have been. */
interface Charged {
  /** Undefined while it is not sure that it was reserved at all. */
  sureAmount: bigint | undefined;
  sureFrom: number;
  amount: bigint;
  to: number;
}

interface Item {
  readonly measure: string;
  readonly item: string;
  readonly amount: bigint;
  readonly windows: readonly Window[];
  readonly codes: { readonly amount: string; readonly count: string };
}

export interface Sum {
  readonly amount: bigint;
  readonly count: bigint;
}

/** `least`: what was surely reserved and surely lies in the window. `most`: all that may. */
export type Bound = 'least' | 'most';

const FEE = 'fee';
const MICROSECONDS = 1_000_000;

/** Brute force: everything that was ever reserved, added up again for each question. */
export class Spending {
  readonly #world: World;
  /** key, measure → item → charge. */
  readonly #charges = new Map<string, Map<string, Charged>>();

  constructor(world: World) {
    this.#world = world;
  }

  charge(recipe: Recipe, { from, to }: Span, isSure: boolean): void {
    for (const { measure, item, amount } of this.#itemsOf(recipe, undefined)) {
      const items = this.#items(recipe.account.keyId, measure);
      const before = items.get(item) ?? { sureAmount: undefined, sureFrom: 0, amount: 0n, to: 0 };
      if (isSure) {
        before.sureAmount = max(before.sureAmount ?? 0n, amount);
        before.sureFrom = Math.max(before.sureFrom, from);
      }
      before.amount = max(before.amount, amount);
      before.to = Math.max(before.to, to);
      items.set(item, before);
    }
  }

  /** What lies later than `start`. */
  sum(keyId: string, measure: string, start: number, bound: Bound): Sum {
    let [amount, count] = [0n, 0n];
    for (const charged of this.#items(keyId, measure).values()) {
      const inside = insideOf(charged, start, bound);
      if (inside === undefined) continue;
      amount += inside;
      count += 1n;
    }
    return { amount, count };
  }

  /** Of each window that has no room for this at that time, why, by the least or the most that is in it. */
  problems(recipe: Recipe, limits: KeyLimits, at: number, bound: Bound): string[][] {
    const { keyId } = recipe.account;
    const added = new Map<string, Sum>();
    return this.#itemsOf(recipe, limits).flatMap(({ measure, item, amount, windows, codes }) =>
      windows.flatMap(({ seconds, maxAmount, maxCount }) => {
        const start = at - seconds * MICROSECONDS;
        const before = added.get(`${measure} ${seconds}`) ?? this.sum(keyId, measure, start, bound);
        const charged = this.#items(keyId, measure).get(item);
        const inside = charged === undefined ? undefined : insideOf(charged, start, bound);
        const most = max(amount, (bound === 'least' ? charged?.sureAmount : charged?.amount) ?? 0n);
        const after = {
          amount: before.amount + most - (inside ?? 0n),
          count: before.count + (inside === undefined ? 1n : 0n),
        };
        added.set(`${measure} ${seconds}`, after);
        const problems = [
          ...(maxAmount !== undefined && after.amount > maxAmount ? [codes.amount] : []),
          ...(maxCount !== undefined && after.count > maxCount ? [codes.count] : []),
        ];
        return problems.length === 0 ? [] : [problems];
      }),
    );
  }

  /** The measures that a transaction is charged to. */
  measuresOf(recipe: Recipe): string[] {
    return [...new Set(this.#itemsOf(recipe, undefined).map(({ measure }) => measure))];
  }

  #items(keyId: string, measure: string): Map<string, Charged> {
    const key = `${keyId} ${measure}`;
    const items = this.#charges.get(key) ?? new Map<string, Charged>();
    this.#charges.set(key, items);
    return items;
  }

  #itemsOf(recipe: Recipe, limits: KeyLimits | undefined): Item[] {
    const measure = assetOf(this.#world, recipe);
    const codes = { amount: 'AMOUNT_WINDOW_REACHED', count: 'COUNT_WINDOW_REACHED' };
    const windows = limits?.windows ?? [];
    const payouts = payoutsOf(recipe).map(({ id, amount }) => ({ measure, item: id, amount, windows, codes }));
    const fee = feeOf(recipe);
    if (fee === undefined) return payouts;
    const feeCodes = { amount: 'FEE_BUDGET_REACHED', count: 'FEE_BUDGET_REACHED' };
    const { item, most: amount } = fee;
    return [...payouts, { measure: FEE, item, amount, windows: limits?.feeWindows ?? [], codes: feeCodes }];
  }
}

function insideOf({ sureAmount, sureFrom, amount, to }: Charged, start: number, bound: Bound): bigint | undefined {
  if (bound === 'most') return to > start ? amount : undefined;
  return sureFrom > start ? sureAmount : undefined;
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
