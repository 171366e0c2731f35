import { StrKey, xdr } from '@stellar/stellar-sdk/base';
import { TransactionError } from '../error.ts';

/** A `G…` address (SEP-23) as its 32 bytes. */
export function accountBytes(field: string, address: string): Uint8Array {
  if (!StrKey.isValidEd25519PublicKey(address)) {
    // The text is not shown: it may be a seed in the wrong place.
    throw new TransactionError('INVALID_ADDRESS', field, 'expected a Stellar account address');
  }
  return StrKey.decodeEd25519PublicKey(address);
}

/** A `G…` or `M…` address (SEP-23) as XDR. */
export function readDestination(field: string, address: string): xdr.MuxedAccount {
  if (!StrKey.isValidMed25519PublicKey(address)) return xdr.MuxedAccount.keyTypeEd25519(accountBytes(field, address));
  const bytes = StrKey.decodeMed25519PublicKey(address);
  const id = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(32);
  return xdr.MuxedAccount.keyTypeMuxedEd25519(new xdr.MuxedAccountMed25519({ ed25519: bytes.subarray(0, 32), id }));
}

/** XDR as a `G…` or `M…` address. */
export function writeDestination(account: xdr.MuxedAccount): string {
  if (account.type === 'keyTypeEd25519') return StrKey.encodeEd25519PublicKey(account.ed25519.value);
  const bytes = new Uint8Array(40);
  bytes.set(account.med25519.ed25519.value);
  new DataView(bytes.buffer).setBigUint64(32, account.med25519.id);
  return StrKey.encodeMed25519PublicKey(bytes);
}

/** XDR as a `G…` address. A muxed source is refused: it names the same account in a second way. */
export function writeSource(field: string, account: xdr.MuxedAccount): string {
  if (account.type !== 'keyTypeEd25519') {
    throw new TransactionError('MUXED_SOURCE', field, 'expected a plain account, got a muxed one');
  }
  return writeDestination(account);
}
