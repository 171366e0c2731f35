import { parseAssetId } from '@countersign/chains/caip';
import { amountsInFlight, type Payout } from '../../payouts.ts';
import type { StellarContext } from '../context.ts';

// A token contract counts in an i128.
const MOST = 2n ** 127n - 1n;

/**
 * The payout as large as all that the treasury has to have for it of a token: the token's contract alone knows what that is,
 * so that a transfer of what is in flight and of this payout together is tried. Undefined where nothing is in flight, or
 * where the caller knows what the treasury has.
 */
export async function withAllInFlight(
  { pool, chain, treasury }: StellarContext,
  payout: Payout,
): Promise<Payout | undefined> {
  if (parseAssetId(payout.asset).kind !== 'sep41') return undefined;
  const inFlight = (await amountsInFlight(pool, chain.chain, treasury.key, [payout.id])).get(payout.asset) ?? 0n;
  if (inFlight === 0n) return undefined;
  const amount = payout.amount + inFlight;
  return { ...payout, amount: amount > MOST ? MOST : amount };
}
