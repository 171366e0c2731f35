/** Wei a gas (EIP-1559). */
export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

export interface Market {
  readonly baseFee: bigint;
  readonly tip: bigint;
}

// Where a node suggests no tip: one gwei.
export const DEFAULT_TIP = 1_000_000_000n;

/** What the tip may be of the highest fee: nearly all of a fee should be the base fee, which is burned. */
const TIP_SHARE = 10n;

/**
 * Fees of a new transaction: room for the base fee to double, and below the caps so far that it can be replaced. Undefined
 * when the base fee is so near the cap that the transaction could get stuck: then nothing new is begun.
 */
export function openingFees({ baseFee, tip }: Market, cap: bigint): Fees | undefined {
  const maxPriorityFeePerGas = least(tip, cap / TIP_SHARE / 2n);
  // An eighth more is the cap at most.
  const highest = (cap * 8n) / 9n;
  // One block can raise the base fee by an eighth.
  if (raised(baseFee) + maxPriorityFeePerGas > highest) return undefined;
  return { maxFeePerGas: most(least(2n * baseFee + maxPriorityFeePerGas, highest), 1n), maxPriorityFeePerGas };
}

/**
 * Fees of a transaction that takes another one's place in every pool: both an eighth higher, rounded up, or the market's
 * where that is more. Undefined when the cap does not allow it.
 */
export function replacementFees(before: Fees, { baseFee, tip }: Market, cap: bigint): Fees | undefined {
  const maxPriorityFeePerGas = most(raised(before.maxPriorityFeePerGas), least(tip, cap / TIP_SHARE));
  const market = least(2n * baseFee + maxPriorityFeePerGas, cap);
  const maxFeePerGas = most(raised(before.maxFeePerGas), market);
  if (maxFeePerGas > cap || maxPriorityFeePerGas > cap / TIP_SHARE) return undefined;
  return { maxFeePerGas: most(maxFeePerGas, maxPriorityFeePerGas), maxPriorityFeePerGas };
}

/** An eighth more, rounded up, and at least one wei. */
function raised(fee: bigint): bigint {
  return most((fee * 9n + 7n) / 8n, fee + 1n);
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function most(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
