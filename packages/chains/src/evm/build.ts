import { encodeFunctionData, hexToBytes, keccak256, parseAbi, serializeTransaction } from 'viem/utils';
import { checkRange } from '../check.ts';
import { TransactionError } from '../error.ts';
import { MAX_UINT64, MAX_UINT256 } from '../limits.ts';
import { parseEvmAddress, ZERO_ADDRESS } from './address.ts';

/** A transfer of the native asset or of a token. Fees in wei; addresses as `parseEvmAddress` takes them. */
export interface EvmTransfer {
  /** 1 to 2^53 - 1. */
  readonly chainId: bigint;
  /** 0 to 2^53 - 1. */
  readonly nonce: bigint;
  readonly to: string;
  /** In the asset's smallest unit; 0 only for the native asset, for a cancel. */
  readonly amount: bigint;
  /** The contract of an ERC-20 token; without it the amount is in wei. */
  readonly token?: string;
  readonly gasLimit: bigint;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

// viem takes chain id and nonce as numbers.
const MAX_NUMBER = BigInt(Number.MAX_SAFE_INTEGER);
// What any transaction costs at least (Yellow Paper, G_transaction).
const MIN_GAS_LIMIT = 21_000n;

const ERC20 = parseAbi(['function transfer(address to, uint256 amount)']);

/**
 * Builds an unsigned type-2 transaction (EIP-1559): to the recipient without calldata, or to the token without value and with
 * `transfer(to, amount)`. `signingHash` is what a signature is made over.
 */
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
    ...(input.token === undefined ? nativeTransfer(input) : tokenTransfer(input.token, input)),
    gas,
    maxFeePerGas,
    maxPriorityFeePerGas: tip,
  });
  return { unsigned: hexToBytes(serialized), signingHash: keccak256(serialized, 'bytes') };
}

function nativeTransfer({ to, amount }: EvmTransfer) {
  return {
    to: somebody('to', parseEvmAddress(to, 'to')),
    value: checkRange('INVALID_AMOUNT', 'amount', amount, 0n, MAX_UINT256),
  };
}

function tokenTransfer(tokenText: string, { to, amount }: EvmTransfer) {
  const token = somebody('token', parseEvmAddress(tokenText, 'token'));
  const destination = somebody('to', parseEvmAddress(to, 'to'));
  if (destination === token) {
    throw new TransactionError('DESTINATION_IS_TOKEN', 'to', 'expected a holder other than the token contract');
  }
  const units = checkRange('INVALID_AMOUNT', 'amount', amount, 1n, MAX_UINT256);
  const data = encodeFunctionData({ abi: ERC20, functionName: 'transfer', args: [destination, units] });
  return { to: token, value: 0n, data };
}

function somebody<Address extends string>(field: string, address: Address): Address {
  if (address !== ZERO_ADDRESS) return address;
  throw new TransactionError('INVALID_ADDRESS', field, 'expected no zero address');
}
