import type { EvmTreasury, StellarTreasury } from './chains.ts';

/** The account that a treasury pays from: `G…`, or EIP-55. */
export function accountOf(treasury: StellarTreasury | EvmTreasury): string {
  return 'account' in treasury ? treasury.account : treasury.address;
}
