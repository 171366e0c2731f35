import { addr } from 'micro-eth-signer';
import { TransactionError } from '../error.ts';

/** Nobody's address: what is sent there is burnt, and tokens use it for mints and burns. */
export const ZERO_ADDRESS = `0x${'0'.repeat(40)}`;

/** The EIP-55 address of a secp256k1 public key, compressed (33 bytes) or uncompressed (65 bytes). */
export function evmAddress(publicKey: Uint8Array): string {
  const message = 'expected a secp256k1 point of 33 or 65 bytes';
  // The library takes hex too; one form is enough here.
  if (!(publicKey instanceof Uint8Array)) throw new TransactionError('INVALID_PUBLIC_KEY', 'publicKey', message);
  try {
    return addr.fromPublicKey(publicKey);
  } catch (cause) {
    throw new TransactionError('INVALID_PUBLIC_KEY', 'publicKey', message, { cause });
  }
}

/** Reads `0x` and 40 hex digits, in one case or with a right EIP-55 checksum, into the checksummed form. */
export function parseEvmAddress(text: string, field = 'address'): `0x${string}` {
  if (typeof text !== 'string' || !/^0x[0-9a-fA-F]{40}$/.test(text)) {
    throw new TransactionError('INVALID_ADDRESS', field, 'expected 0x and 40 hex digits');
  }
  if (!addr.isValid(text)) {
    throw new TransactionError('INVALID_ADDRESS', field, `the EIP-55 checksum of ${text} is wrong`);
  }
  return `0x${addr.addChecksum(text).slice(2)}`;
}
