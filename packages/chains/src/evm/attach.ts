import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { checkLength, checkRange } from '../check.ts';
import { TransactionError } from '../error.ts';
import { decodeEvmTransaction } from './decode.ts';
import { readUnsignedFields, writeFields } from './rlp.ts';

// The order of secp256k1 (SEC 2, 2.4.1). EIP-2 admits the lower half for s.
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/**
 * The signed transaction and its hash. `signature` is r ‖ s ‖ yParity, 65 bytes, yParity 0 or 1, s in the lower half.
 * Whose signature it is, is not checked here.
 */
export function attachEvmSignature(
  unsigned: Uint8Array,
  signature: Uint8Array,
): { signed: Uint8Array; hash: Uint8Array } {
  checkLength('INVALID_SIGNATURE', 'signature', signature, 65);
  const r = scalar('signature.r', signature.subarray(0, 32), ORDER - 1n);
  const s = scalar('signature.s', signature.subarray(32, 64), ORDER / 2n);
  const yParity = signature[64];
  if (yParity !== 0 && yParity !== 1) {
    throw new TransactionError('INVALID_SIGNATURE', 'signature.yParity', `expected 0 or 1, got ${yParity}`);
  }
  decodeEvmTransaction(unsigned); // refuses what the signer would not have signed
  const signed = writeFields([...readUnsignedFields(unsigned).fields, yParity, r, s]);
  return { signed, hash: keccak_256(signed) };
}

function scalar(field: string, bytes: Uint8Array, max: bigint): bigint {
  return checkRange('INVALID_SIGNATURE', field, BigInt(`0x${bytesToHex(bytes)}`), 1n, max);
}
