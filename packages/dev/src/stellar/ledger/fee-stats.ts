const PERCENTILES = [10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99] as const;

/** Fees charged for an operation in the last ledgers, stroops. All zero when no transaction was included. */
export interface FeeDistribution {
  readonly max: bigint;
  readonly min: bigint;
  readonly mode: bigint;
  readonly percentiles: readonly { readonly percent: number; readonly fee: bigint }[];
  readonly transactionCount: number;
  readonly ledgerCount: number;
}

/** The windows that Stellar RPC keeps by default, ledgers. */
export const FEE_WINDOWS = { classic: 10, soroban: 50 } as const;

export interface FeeStats {
  /** The fees a ledger charged, each divided by the transaction's number of operations. */
  record(fees: readonly bigint[]): void;
  distribution(): FeeDistribution;
}

export function createFeeStats(windowLedgers: number): FeeStats {
  const ledgers: (readonly bigint[])[] = [];
  return {
    record: (fees) => {
      ledgers.push(fees);
      if (ledgers.length > windowLedgers) ledgers.shift();
    },
    distribution: () => feeDistribution(ledgers.flat(), ledgers.length),
  };
}

/** Nearest-rank percentiles, as Stellar RPC computes them. */
export function feeDistribution(fees: readonly bigint[], ledgerCount: number): FeeDistribution {
  const sorted = [...fees].sort((a, b) => (a < b ? -1 : Number(a > b)));
  const at = (percent: number) => sorted[Math.ceil((percent * sorted.length) / 100) - 1] ?? 0n;
  return {
    max: sorted.at(-1) ?? 0n,
    min: sorted[0] ?? 0n,
    mode: mode(sorted),
    percentiles: PERCENTILES.map((percent) => ({ percent, fee: at(percent) })),
    transactionCount: sorted.length,
    ledgerCount: sorted.length === 0 ? 0 : ledgerCount,
  };
}

/** The most frequent value, the lowest of several. */
function mode(sorted: readonly bigint[]): bigint {
  const counts = new Map<bigint, number>();
  for (const fee of sorted) counts.set(fee, (counts.get(fee) ?? 0) + 1);
  let best = { fee: 0n, count: 0 };
  for (const [fee, count] of counts) if (count > best.count) best = { fee, count };
  return best.fee;
}
