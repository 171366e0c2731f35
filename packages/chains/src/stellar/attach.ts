import { concatBytes } from '@noble/hashes/utils.js';
import { StrKey, xdr } from '@stellar/stellar-sdk/base';
import { checkLength } from '../check.ts';
import { TransactionError } from '../error.ts';
import { addressCredentials, readEntry } from './authorization.ts';
import { readSignature } from './authorization-signature.ts';
import { withoutSignatureCount } from './envelope.ts';

/** XDR of a count: of one signature. */
const ONE = Uint8Array.of(0, 0, 0, 1);

/**
 * The envelope with its one signature, ready to submit. `publicKey` (32 bytes) gives the hint; whether the 64-byte Ed25519
 * `signature` is right is not checked here, because that takes the network's passphrase.
 */
export function attachStellarSignature(envelope: Uint8Array, publicKey: Uint8Array, signature: Uint8Array): Uint8Array {
  const hint = checkLength('INVALID_PUBLIC_KEY', 'publicKey', publicKey, 32).slice(-4);
  const decorated = new xdr.DecoratedSignature({
    hint,
    signature: checkLength('INVALID_SIGNATURE', 'signature', signature, 64),
  });
  return concatBytes(withoutSignatureCount(envelope), ONE, decorated.toXdr());
}

/**
 * The authorization entry with its one signature (64 bytes of Ed25519, by the account's 32-byte `publicKey`). Whether it is
 * right is not checked here, because that takes the network's passphrase.
 */
export function attachAuthorizationSignature(
  entry: Uint8Array,
  publicKey: Uint8Array,
  signature: Uint8Array,
): Uint8Array {
  const value = readSignature({
    publicKey: checkLength('INVALID_PUBLIC_KEY', 'publicKey', publicKey, 32),
    signature: checkLength('INVALID_SIGNATURE', 'signature', signature, 64),
  });
  const unsigned = readEntry(entry);
  const credentials = addressCredentials('authorization', unsigned);
  if (credentials.signature.type !== 'scvVoid') {
    throw new TransactionError('ALREADY_SIGNED', 'authorization.credentials.signature', 'expected none');
  }
  const { address, nonce, signatureExpirationLedger } = credentials;
  return new xdr.SorobanAuthorizationEntry({
    credentials: xdr.SorobanCredentials.sorobanCredentialsAddress(
      new xdr.SorobanAddressCredentials({ address, nonce, signatureExpirationLedger, signature: value }),
    ),
    rootInvocation: unsigned.rootInvocation,
  }).toXdr();
}

/** The `G…` address (SEP-23) of a 32-byte Ed25519 public key. */
export function stellarAddress(publicKey: Uint8Array): string {
  return StrKey.encodeEd25519PublicKey(checkLength('INVALID_PUBLIC_KEY', 'publicKey', publicKey, 32));
}
