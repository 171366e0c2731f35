import { Networks } from '@stellar/stellar-sdk/base';

/** The dev ledger's network. */
export const STELLAR = {
  passphrase: Networks.STANDALONE as string,
  chain: 'stellar:standalone',
  /** CAIP-19, 7 decimals. */
  nativeAsset: 'stellar:standalone/slip44:148',
} as const;

/** Anvil's network. */
export const EVM = {
  chainId: 31337,
  chain: 'eip155:31337',
  /** CAIP-19, 18 decimals. */
  nativeAsset: 'eip155:31337/slip44:60',
} as const;
