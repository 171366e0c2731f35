import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { addr } from 'micro-eth-signer';
import type { RLPInput } from 'micro-eth-signer/core/rlp.js';
import { type ChainId, evmChainId } from '../caip.ts';
import { checkRange, sameBytes } from '../check.ts';
import { TransactionError, type TransactionErrorCode } from '../error.ts';
import { MAX_UINT64, MAX_UINT256 } from '../limits.ts';
import { type EvmAssetTransfer, readEvmTransfer, writeCalldata } from './erc20.ts';
import { readUnsignedFields, writeFields } from './rlp.ts';

export type { EvmAssetTransfer } from './erc20.ts';

/** All that an unsigned EIP-1559 transfer says, of the native asset or a token. Value and fees in wei. */
export interface EvmTransaction {
  readonly kind: 'evm';
  readonly chain: ChainId;
  readonly chainId: bigint;
  readonly nonce: bigint;
  /** EIP-55: who gets the value, or the token that is called. */
  readonly to: string;
  /** 0 where a token is called. */
  readonly value: bigint;
  readonly transfer: EvmAssetTransfer;
  readonly gasLimit: bigint;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  /** What a signature is made over: keccak-256 of the unsigned bytes. */
  readonly signingHash: Uint8Array;
}

// EIP-2681: the account nonce itself ends at 2^64 - 1, so that a transaction carries at most one less.
const MAX_NONCE = MAX_UINT64 - 1n;

/**
 * Reads an unsigned type-2 transaction (EIP-1559) strictly: canonical RLP, a recipient, calldata that is empty or one
 * ERC-20 transfer, an empty access list, every number within its bounds. Whatever it returns is all there is in the transaction; anything else,
 * whatever the bytes, is a TransactionError.
 */
export function decodeEvmTransaction(unsigned: Uint8Array): EvmTransaction {
  const { bytes, fields } = readUnsignedFields(unsigned);
  const chainId = integer('INVALID_CHAIN_ID', 'chainId', fields[0], MAX_UINT256);
  const chain = evmChainId(chainId);
  const nonce = integer('INVALID_NONCE', 'nonce', fields[1], MAX_NONCE);
  const maxFeePerGas = integer('INVALID_FEE', 'maxFeePerGas', fields[3], MAX_UINT256);
  const maxPriorityFeePerGas = integer('INVALID_FEE', 'maxPriorityFeePerGas', fields[2], maxFeePerGas);
  const gasLimit = integer('INVALID_GAS_LIMIT', 'gasLimit', fields[4], MAX_UINT64);
  checkRange('INVALID_FEE', 'gasLimit * maxFeePerGas', gasLimit * maxFeePerGas, 0n, MAX_UINT256);
  const to = recipient(fields[5]);
  const value = integer('INVALID_AMOUNT', 'value', fields[6], MAX_UINT256);
  const transfer = readEvmTransfer(chain, to, value, byteString('data', fields[7]));
  const accessList = noAccessList(fields[8]);
  const encoded = writeFields([
    chainId,
    nonce,
    maxPriorityFeePerGas,
    maxFeePerGas,
    gasLimit,
    to,
    value,
    writeCalldata(chain, transfer),
    accessList,
  ]);
  if (!sameBytes(encoded, bytes)) {
    throw new TransactionError('NOT_CANONICAL', 'transaction', 'encoding it again gives other bytes');
  }
  return {
    kind: 'evm',
    chain,
    chainId,
    nonce,
    to,
    value,
    transfer,
    gasLimit,
    maxFeePerGas,
    maxPriorityFeePerGas,
    signingHash: keccak_256(bytes),
  };
}

function integer(code: TransactionErrorCode, field: string, item: RLPInput | undefined, max: bigint): bigint {
  const bytes = byteString(field, item);
  if (bytes[0] === 0) throw new TransactionError('NOT_CANONICAL', field, 'expected no leading zero byte');
  if (bytes.length > 32) throw new TransactionError(code, field, `expected at most 32 bytes, got ${bytes.length}`);
  return checkRange(code, field, bytes.length === 0 ? 0n : BigInt(`0x${bytesToHex(bytes)}`), 0n, max);
}

function recipient(item: RLPInput | undefined): string {
  const bytes = byteString('to', item);
  if (bytes.length === 0) {
    throw new TransactionError('CONTRACT_CREATION', 'to', 'expected a recipient, got a contract creation');
  }
  if (bytes.length !== 20) {
    throw new TransactionError('INVALID_ADDRESS', 'to', `expected 20 bytes, got ${bytes.length}`);
  }
  return addr.addChecksum(`0x${bytesToHex(bytes)}`);
}

function noAccessList(item: RLPInput | undefined): [] {
  if (Array.isArray(item) && item.length === 0) return [];
  throw new TransactionError('UNSUPPORTED_ACCESS_LIST', 'accessList', 'expected an empty list');
}

function byteString(field: string, item: RLPInput | undefined): Uint8Array {
  if (item instanceof Uint8Array) return item;
  throw new TransactionError('MALFORMED_TRANSACTION', field, 'expected bytes, got a list');
}
