import { StrKey, xdr } from '@stellar/stellar-sdk/base';
import { checkLength } from '../check.ts';
import { envelopeBytes, readUnsignedEnvelope } from './envelope.ts';

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
  const { transaction } = readUnsignedEnvelope(envelope);
  return envelopeBytes(new xdr.TransactionV1Envelope({ tx: transaction, signatures: [decorated] }));
}

/** The `G…` address (SEP-23) of a 32-byte Ed25519 public key. */
export function stellarAddress(publicKey: Uint8Array): string {
  return StrKey.encodeEd25519PublicKey(checkLength('INVALID_PUBLIC_KEY', 'publicKey', publicKey, 32));
}
