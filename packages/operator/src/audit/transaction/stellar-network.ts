import { sha256 } from './sha256.ts';

// https://github.com/ChainAgnostic/namespaces/blob/main/stellar/caip2.md, and the names of the other well-known networks.
const NAMES: Readonly<Record<string, string>> = {
  'Public Global Stellar Network ; September 2015': 'pubnet',
  'Test SDF Network ; September 2015': 'testnet',
  'Test SDF Future Network ; October 2022': 'futurenet',
  'Standalone Network ; February 2017': 'standalone',
};

/** The CAIP-2 id of the network with this passphrase. */
export function stellarNetwork(passphrase: string): string {
  return `stellar:${NAMES[passphrase] ?? sha256(passphrase).toString('hex').slice(0, 32)}`;
}
