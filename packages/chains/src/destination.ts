import type { ChainId } from './chain.ts';
import { parseEvmAddress } from './evm/address.ts';
import { parseStellarDestination } from './stellar/address.ts';

/**
 * Reads an address that can be paid on this chain into its one canonical form: `G…`, `M…` or `C…` on Stellar, EIP-55 on the EVM,
 * where one case is read too.
 * @throws TransactionError INVALID_ADDRESS
 */
export function parseDestination(chain: ChainId, text: string): string {
  return chain.startsWith('stellar:') ? parseStellarDestination(text).address : parseEvmAddress(text, 'destination');
}
