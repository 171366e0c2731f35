import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import { addr } from 'micro-eth-signer';
import { type AssetId, type ChainId, erc20Asset, nativeAsset } from '../caip.ts';
import { sameBytes } from '../check.ts';
import { TransactionError } from '../error.ts';
import { ZERO_ADDRESS } from './address.ts';

/** The one transfer of a transaction: its own value, or that of the token that it calls. */
export interface EvmAssetTransfer {
  readonly asset: AssetId;
  /** EIP-55. */
  readonly destination: string;
  /** In the asset's smallest unit; 0 only for the native asset. */
  readonly amount: bigint;
}

// The first four bytes of keccak-256("transfer(address,uint256)").
const TRANSFER = Uint8Array.of(0xa9, 0x05, 0x9c, 0xbb);
const WORD = 32;
const LENGTH = TRANSFER.length + 2 * WORD;
const ADDRESS_LENGTH = 20;

/**
 * What a transaction to `to` with this value and calldata moves: without calldata the value, else exactly one ERC-20
 * `transfer(address,uint256)` without any. Any other method, length or spelling of the arguments is refused.
 */
export function readEvmTransfer(chain: ChainId, to: string, value: bigint, data: Uint8Array): EvmAssetTransfer {
  if (data.length === 0) return { asset: nativeAsset(chain), destination: nativeDestination(to), amount: value };
  if (data.length !== LENGTH || !sameBytes(data.subarray(0, TRANSFER.length), TRANSFER)) {
    const method = bytesToHex(data.subarray(0, TRANSFER.length));
    const message = `expected none or transfer(address,uint256) in ${LENGTH} bytes, got 0x${method}… in ${data.length}`;
    throw new TransactionError('UNSUPPORTED_CALLDATA', 'data', message);
  }
  if (value !== 0n) {
    throw new TransactionError('VALUE_WITH_TOKEN_TRANSFER', 'value', `expected 0 beside a token, got ${value}`);
  }
  const destination = tokenDestination(to, data.subarray(TRANSFER.length, TRANSFER.length + WORD));
  const amount = BigInt(`0x${bytesToHex(data.subarray(TRANSFER.length + WORD))}`);
  if (amount === 0n) throw new TransactionError('INVALID_AMOUNT', 'data.amount', 'expected at least 1, got 0');
  return { asset: tokenAsset(chain, to), destination, amount };
}

/** Calldata of `transfer(destination, amount)`; none for the native asset. */
export function writeCalldata(chain: ChainId, { asset, destination, amount }: EvmAssetTransfer): Uint8Array {
  if (asset === nativeAsset(chain)) return new Uint8Array();
  const words = `${destination
    .slice(2)
    .toLowerCase()
    .padStart(2 * WORD, '0')}${amount.toString(16).padStart(2 * WORD, '0')}`;
  return concatBytes(TRANSFER, hexToBytes(words));
}

function nativeDestination(to: string): string {
  if (to !== ZERO_ADDRESS) return to;
  throw new TransactionError('INVALID_ADDRESS', 'to', 'expected an address that somebody can own, got zero');
}

function tokenDestination(token: string, word: Uint8Array): string {
  const dirty = word.subarray(0, WORD - ADDRESS_LENGTH).some((byte) => byte !== 0);
  if (dirty) throw new TransactionError('INVALID_ADDRESS', 'data.to', 'expected 12 zero bytes before the address');
  const destination = addr.addChecksum(`0x${bytesToHex(word.subarray(WORD - ADDRESS_LENGTH))}`);
  if (destination === ZERO_ADDRESS) {
    throw new TransactionError('INVALID_ADDRESS', 'data.to', 'expected an address other than zero');
  }
  if (destination === token) {
    const message = 'expected a holder other than the token contract';
    throw new TransactionError('DESTINATION_IS_TOKEN', 'data.to', message);
  }
  return destination;
}

function tokenAsset(chain: ChainId, token: string): AssetId {
  if (token === ZERO_ADDRESS) {
    throw new TransactionError('INVALID_ADDRESS', 'to', 'expected a token contract, got the zero address');
  }
  return erc20Asset(chain, token);
}
