import { hexToBytes, keccak256, serializeTransaction } from 'viem/utils';
import { checkRange } from '../check.ts';
import { parseEvmAddress } from './address.ts';
import { MAX_UINT64, MAX_UINT256 } from './limits.ts';

/** A native transfer. Amounts and fees in wei; `value` 0 is for a cancel; `to` as `parseEvmAddress` takes it. */
export interface EvmTransfer {
  /** 1 to 2^53 - 1. */
  readonly chainId: bigint;
  /** 0 to 2^53 - 1. */
  readonly nonce: bigint;
  readonly to: string;
  readonly value: bigint;
  readonly gasLimit: bigint;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

// viem takes chain id and nonce as numbers.
const MAX_NUMBER = BigInt(Number.MAX_SAFE_INTEGER);
// What any transaction costs at least (Yellow Paper, G_transaction).
const MIN_GAS_LIMIT = 21_000n;

/** Builds an unsigned type-2 transaction (EIP-1559) without calldata; `signingHash` is what a signature is made over. */
export function buildEvmTransfer(input: EvmTransfer): { unsigned: Uint8Array; signingHash: Uint8Array } {
  const chainId = checkRange('INVALID_CHAIN_ID', 'chainId', input.chainId, 1n, MAX_NUMBER);
  const nonce = checkRange('INVALID_NONCE', 'nonce', input.nonce, 0n, MAX_NUMBER);
  const maxFeePerGas = checkRange('INVALID_FEE', 'maxFeePerGas', input.maxFeePerGas, 1n, MAX_UINT256);
  const tip = checkRange('INVALID_FEE', 'maxPriorityFeePerGas', input.maxPriorityFeePerGas, 0n, maxFeePerGas);
  const gas = checkRange('INVALID_GAS_LIMIT', 'gasLimit', input.gasLimit, MIN_GAS_LIMIT, MAX_UINT64);
  checkRange('INVALID_FEE', 'gasLimit * maxFeePerGas', gas * maxFeePerGas, 0n, MAX_UINT256);
  const serialized = serializeTransaction({
    type: 'eip1559',
    chainId: Number(chainId),
    nonce: Number(nonce),
    to: parseEvmAddress(input.to, 'to'),
    value: checkRange('INVALID_AMOUNT', 'value', input.value, 0n, MAX_UINT256),
    gas,
    maxFeePerGas,
    maxPriorityFeePerGas: tip,
  });
  return { unsigned: hexToBytes(serialized), signingHash: keccak256(serialized, 'bytes') };
}
