import { StrKey } from '@stellar/stellar-sdk/base';
import { type ChainId, readChainId } from './chain.ts';
import { quote } from './check.ts';
import { TransactionError } from './error.ts';
import { parseEvmAddress, ZERO_ADDRESS } from './evm/address.ts';

export { type ChainId, evmChainId, stellarChainId } from './chain.ts';

/** A CAIP-19 asset id in its one canonical spelling: see {@link Asset}. */
export type AssetId = string & { readonly __brand: 'AssetId' };

/**
 * An asset that can be paid here. `decimals` is the number of fraction digits of its smallest unit; what a token contract
 * counts in is its own choice, so that the configuration tells it.
 *
 * - native: `stellar:<network>/slip44:148`, `eip155:<id>/slip44:60`
 * - issued: `stellar:<network>/asset:<code>-<G…>`. Its Stellar Asset Contract, and that of the native asset, is no other asset.
 * - sep41: `stellar:<network>/sep41:<C…>`, a token contract of its own
 * - erc20: `eip155:<id>/erc20:<EIP-55 address>`
 *
 * The Stellar forms follow the draft of the namespace (github.com/ChainAgnostic/namespaces, pull request 157).
 */
export type Asset =
  | { readonly kind: 'native'; readonly id: AssetId; readonly chain: ChainId; readonly decimals: number }
  | {
      readonly kind: 'issued';
      readonly id: AssetId;
      readonly chain: ChainId;
      /** 1 to 12 letters and digits; up to 4 is AlphaNum4, else AlphaNum12. */
      readonly code: string;
      /** `G…` */
      readonly issuer: string;
      readonly decimals: 7;
    }
  | { readonly kind: 'sep41'; readonly id: AssetId; readonly chain: ChainId /** `C…` */; readonly contract: string }
  | { readonly kind: 'erc20'; readonly id: AssetId; readonly chain: ChainId /** EIP-55 */; readonly contract: string };

// A chain of 40 characters, `/asset:`, a code of 12, a hyphen and an address of 56.
const MAX_ASSET_ID = 116;
const STELLAR_DECIMALS = 7;
const EVM_DECIMALS = 18;
const ASSET_CODE = /^[A-Za-z0-9]{1,12}$/;

/** The chain's own coin: SLIP-44 type 148 (lumens) on Stellar, 60 (ether) on every EVM chain. */
export function nativeAsset(chain: ChainId): AssetId {
  return `${chain}/${chain.startsWith('stellar:') ? 'slip44:148' : 'slip44:60'}` as AssetId;
}

/** The id of an asset that an account issues. @throws TransactionError UNKNOWN_ASSET */
export function issuedAsset(chain: ChainId, code: string, issuer: string): AssetId {
  return parseAssetId(`${chain}/asset:${code}-${issuer}`).id;
}

/** The id of a token contract (SEP-41) that is no Stellar Asset Contract. @throws TransactionError UNKNOWN_ASSET */
export function sep41Asset(chain: ChainId, contract: string): AssetId {
  return parseAssetId(`${chain}/sep41:${contract}`).id;
}

/** The id of an ERC-20 token; the address may be in one case. @throws TransactionError UNKNOWN_ASSET */
export function erc20Asset(chain: ChainId, address: string): AssetId {
  return parseAssetId(`${chain}/erc20:${address}`).id;
}

/** Reads a CAIP-19 asset id. An ERC-20 address may be in one case; its `id` is the canonical one. Else: UNKNOWN_ASSET. */
export function parseAssetId(text: string): Asset {
  const asset = typeof text === 'string' && text.length <= MAX_ASSET_ID ? readAsset(text) : undefined;
  if (asset === undefined) {
    throw new TransactionError(
      'UNKNOWN_ASSET',
      'asset',
      `expected stellar:<network>/(slip44:148|asset:<code>-<G…>|sep41:<C…>) or eip155:<id>/(slip44:60|erc20:<0x…>), got ${quote(text)}`,
    );
  }
  return asset;
}

function readAsset(text: string): Asset | undefined {
  const [, chainText = '', namespace, reference = ''] = /^([^/]+)\/([a-z0-9]+):([A-Za-z0-9-]+)$/.exec(text) ?? [];
  const chain = readChainId(chainText);
  if (chain === undefined) return undefined;
  return chain.startsWith('stellar:')
    ? stellarAsset(text as AssetId, chain, namespace, reference)
    : evmAsset(text as AssetId, chain, namespace, reference);
}

function stellarAsset(
  id: AssetId,
  chain: ChainId,
  namespace: string | undefined,
  reference: string,
): Asset | undefined {
  switch (namespace) {
    case 'slip44':
      return reference === '148' ? { kind: 'native', id, chain, decimals: STELLAR_DECIMALS } : undefined;
    case 'asset': {
      const [code = '', issuer = '', ...more] = reference.split('-');
      const known = ASSET_CODE.test(code) && StrKey.isValidEd25519PublicKey(issuer) && more.length === 0;
      return known ? { kind: 'issued', id, chain, code, issuer, decimals: STELLAR_DECIMALS } : undefined;
    }
    case 'sep41':
      return StrKey.isValidContract(reference) ? { kind: 'sep41', id, chain, contract: reference } : undefined;
    default:
      return undefined;
  }
}

function evmAsset(id: AssetId, chain: ChainId, namespace: string | undefined, reference: string): Asset | undefined {
  if (namespace === 'slip44' && reference === '60') return { kind: 'native', id, chain, decimals: EVM_DECIMALS };
  const contract = namespace === 'erc20' ? evmAddressOrNone(reference) : undefined;
  // Nothing answers at the zero address: a call to it "succeeds" and pays nobody.
  if (contract === undefined || contract === ZERO_ADDRESS) return undefined;
  return { kind: 'erc20', id: `${chain}/erc20:${contract}` as AssetId, chain, contract };
}

function evmAddressOrNone(text: string): string | undefined {
  try {
    return parseEvmAddress(text);
  } catch (error) {
    if (error instanceof TransactionError) return undefined;
    throw error;
  }
}
