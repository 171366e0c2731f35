import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { checkRange, quote } from './check.ts';
import { TransactionError } from './error.ts';

/** A CAIP-2 chain id: `stellar:<name or digest>` or `eip155:<decimal>`. */
export type ChainId = string & { readonly __brand: 'ChainId' };
/** A CAIP-19 asset id: `<chain>/slip44:<coin type>`. */
export type AssetId = string & { readonly __brand: 'AssetId' };

/** An asset that can be paid here. `decimals` is the number of fraction digits of its smallest unit. */
export interface Asset {
  readonly id: AssetId;
  readonly chain: ChainId;
  readonly kind: 'native';
  readonly decimals: number;
}

// Largest chain id by EIP-2294: floor((2^64 - 1) / 2) - 36.
const MAX_EVM_CHAIN_ID = 9_223_372_036_854_775_771n;
const STELLAR_DECIMALS = 7;
const EVM_DECIMALS = 18;

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

/** The chain's own coin: SLIP-44 type 148 (lumens) on Stellar, 60 (ether) on every EVM chain. */
export function nativeAsset(chain: ChainId): AssetId {
  return `${chain}/${chain.startsWith('stellar:') ? 'slip44:148' : 'slip44:60'}` as AssetId;
}

/** Reads a CAIP-19 asset id. Only the canonical spelling of a native asset is known; anything else is `UNKNOWN_ASSET`. */
export function parseAssetId(text: string): Asset {
  const match =
    typeof text === 'string' && text.length <= 64 ? /^(stellar|eip155):([a-z0-9]+)\/(.+)$/.exec(text) : null;
  const [, namespace, reference = ''] = match ?? [];
  const chain = namespace === 'stellar' ? namedOrDigest(reference) : decimalChainId(reference);
  if (chain === undefined || text !== nativeAsset(chain)) {
    throw new TransactionError(
      'UNKNOWN_ASSET',
      'asset',
      `expected stellar:<network>/slip44:148 or eip155:<id>/slip44:60, got ${quote(text)}`,
    );
  }
  const decimals = namespace === 'stellar' ? STELLAR_DECIMALS : EVM_DECIMALS;
  return { id: nativeAsset(chain), chain, kind: 'native', decimals };
}

function namedOrDigest(reference: string): ChainId | undefined {
  const known = STELLAR_NAMES.has(reference) || (/^[0-9a-f]{32}$/.test(reference) && !NAMED_DIGESTS.has(reference));
  return known ? (`stellar:${reference}` as ChainId) : undefined;
}

function decimalChainId(reference: string): ChainId | undefined {
  return /^[1-9][0-9]{0,18}$/.test(reference) && BigInt(reference) <= MAX_EVM_CHAIN_ID
    ? evmChainId(BigInt(reference))
    : undefined;
}

function passphraseDigest(passphrase: string): string {
  return bytesToHex(sha256(utf8ToBytes(passphrase))).slice(0, 32);
}
