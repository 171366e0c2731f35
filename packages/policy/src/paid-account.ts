import { parseStellarDestination } from '@countersign/chains/stellar/address';

/** Whose account a canonical address pays: the `G…` behind an `M…`; any other address is its own. */
export function paidAccount(destination: string): string {
  if (!destination.startsWith('M')) return destination;
  const parsed = parseStellarDestination(destination);
  return parsed.kind === 'contract' ? destination : parsed.account;
}
