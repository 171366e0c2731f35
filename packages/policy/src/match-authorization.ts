import { parseAssetId } from '@countersign/chains/caip';
import { assetContract } from '@countersign/chains/stellar/contract';
import type { StellarAuthorization } from '@countersign/chains/stellar/decode';
import { authorizationNonce } from '@countersign/chains/stellar/lane';
import type { Transfer } from '@countersign/chains/transfer';
import type { DeclaredOnStellar } from './declared.ts';
import { mismatch } from './mismatch.ts';

type Authorization = Pick<StellarAuthorization, 'nonce' | 'transfer'>;

/**
 * The transfer that an authorization entry allows. It is for exactly one payout: its nonce follows from the payout id, so that
 * no two entries for one payout can both be used; its contract is the one of the declared asset (an issued asset and its
 * Stellar Asset Contract are one asset).
 */
export function authorizedTransfer(
  { payouts, networkPassphrase, transaction }: Pick<DeclaredOnStellar, 'payouts' | 'networkPassphrase' | 'transaction'>,
  { nonce, transfer }: Authorization,
): Transfer {
  const [payout, ...others] = payouts;
  if (payout === undefined || others.length > 0) {
    throw mismatch('NOT_ONE_PAYOUT', `payouts: expected exactly one for a token transfer, got ${payouts.length}`);
  }
  const derived = authorizationNonce(payout.payoutId);
  if (nonce !== derived) {
    throw mismatch('NONCE_NOT_DERIVED', `nonce: expected ${derived}, which follows from the payout id, got ${nonce}`);
  }
  const { asset } = payout;
  if (
    parseAssetId(asset).chain !== transaction.chain ||
    assetContract(networkPassphrase, asset) !== transfer.contract
  ) {
    throw mismatch('CONTRACT_NOT_OF_ASSET', `contract: ${transfer.contract} is not the contract of ${asset}`);
  }
  return { destination: transfer.destination, asset, amount: transfer.amount };
}
