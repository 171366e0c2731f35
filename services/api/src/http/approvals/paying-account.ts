import { CountersignError } from '@countersign/contract/errors';
import { accountOf } from '../../config/account-of.ts';
import type { ChainsConfig } from '../../config/chains.ts';
import type { PayoutRow } from '../payouts/payout-resource.ts';

/**
 * The account that a payout is paid from, as CHAINS_FILE has it of its key on its chain: `G…`, or EIP-55. No other word counts,
 * since people sign for it.
 *
 * @throws CountersignError PAYER_UNKNOWN
 */
export function payingAccount(
  { chains }: ChainsConfig,
  { chain, key_id }: Pick<PayoutRow, 'chain' | 'key_id'>,
): string {
  const config = chains.find((each) => each.chain === chain);
  const treasury = config?.treasuries.find(({ key }) => key === key_id);
  if (treasury !== undefined) return accountOf(treasury);
  throw new CountersignError('PAYER_UNKNOWN', `The key ${key_id} is configured no more to pay on ${chain}`);
}
