import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { checkRange } from './check.ts';
import { TransactionError } from './error.ts';

/** A CAIP-2 chain id: `stellar:<name or digest>` or `eip155:<decimal>`. */
export type ChainId = string & { readonly __brand: 'ChainId' };

// Largest chain id by EIP-2294: floor((2^64 - 1) / 2) - 36.
const MAX_EVM_CHAIN_ID = 9_223_372_036_854_775_771n;

const NAMED_STELLAR_NETWORKS = new Map([
  ['Public Global Stellar Network ; September 2015', 'pubnet'],
  ['Test SDF Network ; September 2015', 'testnet'],
  ['Test SDF Future Network ; October 2022', 'futurenet'],
  ['Standalone Network ; February 2017', 'standalone'],
]);
const STELLAR_NAMES = new Set(NAMED_STELLAR_NETWORKS.values());
// A named network's digest would be a second id for the same chain.
const NAMED_DIGESTS = new Set([...NAMED_STELLAR_NETWORKS.keys()].map(passphraseDigest));

/** The CAIP-2 id of a Stellar network: its well-known name, else the first 32 hex digits of SHA-256 over its passphrase. */
export function stellarChainId(networkPassphrase: string): ChainId {
  if (typeof networkPassphrase !== 'string' || networkPassphrase === '' || !networkPassphrase.isWellFormed()) {
    throw new TransactionError('INVALID_NETWORK_PASSPHRASE', 'networkPassphrase', 'expected a non-empty string');
  }
  return `stellar:${NAMED_STELLAR_NETWORKS.get(networkPassphrase) ?? passphraseDigest(networkPassphrase)}` as ChainId;
}

/** The CAIP-2 id of an EVM chain, 1 ≤ id ≤ the bound of EIP-2294. */
export function evmChainId(id: bigint): ChainId {
  return `eip155:${checkRange('INVALID_CHAIN_ID', 'chainId', id, 1n, MAX_EVM_CHAIN_ID)}` as ChainId;
}

/** Reads a CAIP-2 id in its one spelling; `undefined` for anything else. */
export function readChainId(text: string): ChainId | undefined {
  const [, namespace, reference = ''] = /^(stellar|eip155):([a-z0-9]+)$/.exec(text) ?? [];
  const known = namespace === 'stellar' ? isStellarReference(reference) : isEvmReference(reference);
  return known ? (text as ChainId) : undefined;
}

function isStellarReference(reference: string): boolean {
  return STELLAR_NAMES.has(reference) || (/^[0-9a-f]{32}$/.test(reference) && !NAMED_DIGESTS.has(reference));
}

function isEvmReference(reference: string): boolean {
  return /^[1-9][0-9]{0,18}$/.test(reference) && BigInt(reference) <= MAX_EVM_CHAIN_ID;
}

function passphraseDigest(passphrase: string): string {
  return bytesToHex(sha256(utf8ToBytes(passphrase))).slice(0, 32);
}
