import { StrKey } from '@stellar/stellar-sdk/base';
import { accountBytes, readDestination } from './account.ts';

/** Checks a plain account address, `G…` (SEP-23). @throws TransactionError INVALID_ADDRESS */
export function parseStellarAccount(text: string): string {
  accountBytes('account', text);
  return text;
}

/** Somebody who can be paid; `account` is the `G…` that is paid, also behind an `M…`. A contract has none. */
export type StellarDestination =
  | { readonly kind: 'account' | 'muxed'; readonly address: string; readonly account: string }
  | { readonly kind: 'contract'; readonly address: string };

/** Reads an address that can be paid, `G…`, `M…` or `C…` (SEP-23). @throws TransactionError INVALID_ADDRESS */
export function parseStellarDestination(text: string): StellarDestination {
  if (StrKey.isValidContract(text)) return { kind: 'contract', address: text };
  const destination = readDestination('destination', text);
  if (destination.type === 'keyTypeEd25519') return { kind: 'account', address: text, account: text };
  const account = StrKey.encodeEd25519PublicKey(destination.med25519.ed25519.value);
  return { kind: 'muxed', address: text, account };
}
