import type { FeeDistribution } from '../../ledger/fee-stats.ts';
import type { Ledger } from '../../ledger/ledger.ts';

export function getFeeStats(ledger: Ledger) {
  return {
    sorobanInclusionFee: fields(ledger.sorobanFeeStats()),
    inclusionFee: fields(ledger.feeStats()),
    latestLedger: ledger.latest().sequence,
  };
}

function fields({ max, min, mode, percentiles, transactionCount, ledgerCount }: FeeDistribution) {
  return {
    max: `${max}`,
    min: `${min}`,
    mode: `${mode}`,
    ...Object.fromEntries(percentiles.map(({ percent, fee }) => [`p${percent}`, `${fee}`])),
    transactionCount: `${transactionCount}`,
    ledgerCount,
  };
}
