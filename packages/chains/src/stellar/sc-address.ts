import { StrKey, xdr } from '@stellar/stellar-sdk/base';
import { TransactionError } from '../error.ts';
import { accountBytes } from './account.ts';

/** A `C…` address (SEP-23) as XDR. */
export function readContract(field: string, address: string): xdr.ScAddress {
  if (!StrKey.isValidContract(address)) {
    throw new TransactionError('INVALID_ADDRESS', field, 'expected a Stellar contract address');
  }
  return xdr.ScAddress.scAddressTypeContract(new xdr.ContractId(StrKey.decodeContract(address)));
}

/** A `G…` address (SEP-23) as XDR. */
export function readAccount(field: string, address: string): xdr.ScAddress {
  return xdr.ScAddress.scAddressTypeAccount(xdr.PublicKey.publicKeyTypeEd25519(accountBytes(field, address)));
}

/** XDR as a `C…` address. */
export function writeContract(field: string, address: xdr.ScAddress): string {
  if (address.type !== 'scAddressTypeContract') throw unexpected(field, 'a contract', address);
  return StrKey.encodeContract(address.contractId.value);
}

/** XDR as a `G…` address. */
export function writeAccount(field: string, address: xdr.ScAddress): string {
  if (address.type !== 'scAddressTypeAccount') throw unexpected(field, 'an account', address);
  return StrKey.encodeEd25519PublicKey(address.accountId.ed25519.value);
}

/** XDR as a `G…` or `C…` address: whoever can hold a token. A muxed account, a claimable balance or a pool is refused. */
export function writeHolder(field: string, address: xdr.ScAddress): string {
  switch (address.type) {
    case 'scAddressTypeAccount':
      return writeAccount(field, address);
    case 'scAddressTypeContract':
      return writeContract(field, address);
    default:
      throw unexpected(field, 'an account or a contract', address);
  }
}

function unexpected(field: string, expected: string, got: xdr.ScAddress): TransactionError {
  return new TransactionError('INVALID_ADDRESS', field, `expected ${expected}, got ${got.type}`);
}
