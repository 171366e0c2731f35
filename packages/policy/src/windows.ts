import { formatAmount, parseAmount } from '@countersign/chains/amount';
import { z } from 'zod';
import { type Checker, present } from './checker.ts';
import type { AmountWindow, FeeWindow } from './policy.ts';
import { DECIMAL, SECONDS } from './words.ts';

export const windowRules = z
  .array(
    z.strictObject({
      seconds: SECONDS.describe('how long the window is; it ends now, and moves along'),
      max_amount: DECIMAL.optional().describe(
        'the most that payouts of the window may be of together, in units of the asset; at least what one transaction may be of',
      ),
      max_count: z
        .int()
        .min(1)
        .optional()
        .describe('the most payouts in the window; at least one of `max_amount` and `max_count`'),
    }),
  )
  .min(1)
  .describe('limits over time: in no span of so many seconds is more of the asset signed for; each length once');

export const feeBudgetRules = z
  .array(
    z.strictObject({
      seconds: SECONDS.describe('how long the window is; it ends now, and moves along'),
      max: DECIMAL.describe(
        'the most that the transactions of the window may offer as fees, in lumens or ether; at least the highest fee that one may offer',
      ),
    }),
  )
  .min(1)
  .describe('limits over time for fees: in no span of so many seconds are more offered; each length once');

interface Unit {
  readonly decimals: number;
  /** What a window has room for at least: otherwise what every other rule allows would wait for ever. */
  readonly least: bigint;
  readonly most: bigint;
}

export function readWindows(
  windows: z.infer<typeof windowRules>,
  { decimals, least, most }: Unit,
  at: Checker,
): AmountWindow[] {
  refuseSameLength(windows, at);
  return windows.map(({ seconds, max_amount: text, max_count: count }, i) => {
    if (text === undefined && count === undefined) at.fail(i, 'expected `max_amount`, `max_count` or both');
    const maxAmount =
      text === undefined
        ? undefined
        : at.read([i, 'max_amount'], () => atLeast(least, parseAmount(text, decimals, most), decimals));
    return {
      seconds,
      ...(maxAmount !== undefined && { maxAmount }),
      ...(count !== undefined && { maxCount: BigInt(count) }),
    };
  });
}

export function readFeeBudget(
  windows: z.infer<typeof feeBudgetRules>,
  { decimals, least, most }: Unit,
  at: Checker,
): FeeWindow[] {
  refuseSameLength(windows, at);
  return present(
    windows.map(({ seconds, max }, i) => {
      const maxAmount = at.read([i, 'max'], () => atLeast(least, parseAmount(max, decimals, most), decimals));
      return maxAmount === undefined ? undefined : { seconds, maxAmount };
    }),
  );
}

function atLeast(least: bigint, amount: bigint, decimals: number): bigint {
  if (amount >= least) return amount;
  throw new Error(`expected at least ${formatAmount(least, decimals)}, which one transaction may take`);
}

function refuseSameLength(windows: readonly { readonly seconds: number }[], at: Checker): void {
  for (const [i, { seconds }] of windows.entries()) {
    if (windows.findIndex((other) => other.seconds === seconds) < i) {
      at.fail([i, 'seconds'], `expected one window of ${seconds} seconds`);
    }
  }
}
