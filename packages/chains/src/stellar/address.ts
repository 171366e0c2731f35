import { StrKey } from '@stellar/stellar-sdk/base';
import { accountBytes, readDestination } from './account.ts';

/** Checks a plain account address, `G…` (SEP-23). @throws TransactionError INVALID_ADDRESS */
export function parseStellarAccount(text: string): string {
  accountBytes('account', text);
  return text;
}

/** An address that can be paid, `G…` or `M…` (SEP-23), and the account behind it. @throws TransactionError INVALID_ADDRESS */
export function parseStellarDestination(text: string): { readonly address: string; readonly account: string } {
  const destination = readDestination('destination', text);
  if (destination.type === 'keyTypeEd25519') return { address: text, account: text };
  return { address: text, account: StrKey.encodeEd25519PublicKey(destination.med25519.ed25519.value) };
}
