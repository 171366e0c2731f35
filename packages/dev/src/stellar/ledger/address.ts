import { StrKey } from '@stellar/stellar-sdk/base';
import { type MuxedAccount, PublicKey } from '@stellar/stellar-sdk/xdr';

/** An Ed25519 account or signer key as strkey, `G…`. */
export type Address = string;

export function addressOfKey(key: Uint8Array): Address {
  return StrKey.encodeEd25519PublicKey(key);
}

/** The account behind a plain or muxed account; the multiplexing id has no meaning to the ledger. */
export function addressOf(account: MuxedAccount): Address {
  return addressOfKey(account.type === 'keyTypeEd25519' ? account.ed25519.value : account.med25519.ed25519.value);
}

export function keyOf(address: Address): Uint8Array {
  return StrKey.decodeEd25519PublicKey(address);
}

export function accountIdOf(address: Address): PublicKey {
  return PublicKey.publicKeyTypeEd25519(keyOf(address));
}
