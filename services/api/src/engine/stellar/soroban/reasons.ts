import type { SorobanTerms } from '../../../config/chains.ts';
import type { PayoutReason } from '../../move-payouts.ts';

export const NOT_CONFIGURED: PayoutReason = {
  code: 'DESTINATION_NOT_SUPPORTED',
  detail: 'it is paid by a contract call alone, and the treasury is not set up for those',
};

/** What simulation says it costs, with headroom, is more than the treasury spends on it. Stroops. */
export function feeAboveLimit(minResourceFee: bigint, { maxResourceFee }: SorobanTerms): PayoutReason {
  return {
    code: 'RESOURCE_FEE_ABOVE_LIMIT',
    detail: `expected at most ${maxResourceFee} stroops with headroom, got ${minResourceFee} without`,
  };
}
