import type { Counter } from './database.ts';
import type { Limits, Window } from './limits.ts';
import type { Spending } from './spending.ts';

const MICROSECONDS = 1_000_000;

/** Each sum that the database keeps is what was reserved inside its window: never less, and no more than may have been. */
export function checkCounters(counters: readonly Counter[], spending: Spending, newest: Limits): string[] {
  return counters.flatMap(({ keyId, measure, seconds, amount, count, sweptUntil }) => {
    const least = spending.sum(keyId, measure, sweptUntil, 'least');
    const most = spending.sum(keyId, measure, sweptUntil, 'most');
    const what = `sum of ${keyId}, ${measure}, ${seconds} s: ${amount} (${count})`;
    const inForce = windowsOf(newest, keyId, measure).some((window) => window.seconds === seconds);
    return [
      ...(amount < least.amount || count < least.count
        ? [`${what}, too little: ${least.amount} (${least.count})`]
        : []),
      ...(amount > most.amount || count > most.count ? [`${what}, too much: ${most.amount} (${most.count})`] : []),
      ...(inForce ? [] : [`${what}: no window of the policy in force`]),
    ];
  });
}

/** The last reservation of a measure left each of its windows within its limits; so it still is. */
export function checkLimits(
  charged: Iterable<string>,
  spending: Spending,
  limits: readonly Limits[],
  now: number,
): string[] {
  const [inForce] = limits;
  if (inForce === undefined) return [];
  return [...charged].flatMap((key) => {
    const [keyId = '', measure = ''] = key.split(' ');
    return windowsOf(inForce, keyId, measure).flatMap(({ seconds, maxAmount, maxCount }) => {
      const { amount, count } = spending.sum(keyId, measure, now - seconds * MICROSECONDS, 'least');
      const tooMuch = (maxAmount !== undefined && amount > maxAmount) || (maxCount !== undefined && count > maxCount);
      return tooMuch
        ? [`${key}, ${seconds} s: ${amount} (${count}) was signed, at most ${maxAmount} (${maxCount})`]
        : [];
    });
  });
}

function windowsOf(limits: Limits, keyId: string, measure: string): readonly Window[] {
  const { windows, feeWindows } = limits.of(keyId);
  return measure === 'fee' ? feeWindows : windows;
}
