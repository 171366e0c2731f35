import { concatBytes } from '@noble/hashes/utils.js';
import { RLP, type RLPInput } from 'micro-eth-signer/core/rlp.js';
import { copyTransaction } from '../check.ts';
import { TransactionError, type TransactionErrorCode } from '../error.ts';

// What nodes take at most (go-ethereum, txMaxSize).
const MAX_TRANSACTION = 128 * 1024;
const FEE_MARKET_TYPE = 2;
const UNSIGNED_FIELDS = 9;
const SIGNED_FIELDS = 12;
const REFUSED_TYPES = new Map<number, [TransactionErrorCode, string]>([
  [1, ['ACCESS_LIST_TRANSACTION', 'expected type 2, got an access list transaction (type 1, EIP-2930)']],
  [3, ['BLOB_TRANSACTION', 'expected type 2, got a blob transaction (type 3, EIP-4844)']],
  [4, ['SET_CODE_TRANSACTION', 'expected type 2, got a set-code transaction (type 4, EIP-7702)']],
]);

/**
 * The nine fields of an unsigned EIP-1559 transaction, 0x02 ‖ RLP([chainId, nonce, maxPriorityFeePerGas, maxFeePerGas,
 * gasLimit, to, value, data, accessList]), not yet looked into; `bytes` is a copy of its own. The RLP is canonical and ends
 * with the input: single bytes and lengths have one spelling each.
 */
export function readUnsignedFields(unsigned: Uint8Array): { bytes: Uint8Array; fields: readonly RLPInput[] } {
  const bytes = copyTransaction(unsigned, MAX_TRANSACTION);
  checkType(bytes[0]);
  const fields = parse(bytes.subarray(1));
  if (Array.isArray(fields) && fields.length === UNSIGNED_FIELDS) return { bytes, fields };
  if (Array.isArray(fields) && fields.length === SIGNED_FIELDS) {
    throw new TransactionError('ALREADY_SIGNED', 'transaction', 'expected an unsigned transaction, got a signed one');
  }
  throw new TransactionError('MALFORMED_TRANSACTION', 'transaction', `expected a list of ${UNSIGNED_FIELDS} fields`);
}

/** 0x02 ‖ RLP(fields). A bigint is written with no leading zero. */
export function writeFields(fields: readonly RLPInput[]): Uint8Array {
  return concatBytes(Uint8Array.of(FEE_MARKET_TYPE), RLP.encode([...fields]));
}

function checkType(type: number | undefined): void {
  if (type === FEE_MARKET_TYPE) return;
  // EIP-2718: a legacy transaction is a bare RLP list.
  if (type !== undefined && type >= 0xc0 && type !== 0xff) {
    throw new TransactionError('LEGACY_TRANSACTION', 'transaction', 'expected type 2, got a legacy transaction');
  }
  const [code, message] = REFUSED_TYPES.get(type ?? -1) ?? [
    'UNKNOWN_TRANSACTION_TYPE',
    `expected type 2, got ${type ?? 'nothing'}`,
  ];
  throw new TransactionError(code, 'transaction', message);
}

function parse(payload: Uint8Array): RLPInput {
  try {
    return RLP.decode(payload);
  } catch (cause) {
    throw new TransactionError('MALFORMED_TRANSACTION', 'transaction', 'not one canonical RLP list', { cause });
  }
}
