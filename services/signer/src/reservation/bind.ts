import { memoColumn } from '../signing/memo-column.ts';
import type { Ask } from './ask.ts';
import { type Book, type NonceRow, rowKey } from './book.ts';
import type { Spending } from './charge.ts';
import type { Lane } from './lane.ts';

/** What changes beside the bindings themselves. */
export interface Changes extends Spending {
  readonly envelopes: ReadonlyMap<string, bigint>;
  readonly nonces: ReadonlyMap<string, NonceRow>;
}

/** A caller's request id stands for its content from now on. */
export function bindRequest(book: Book, ask: Ask): void {
  if (book.requests.get(requestKey(ask)) === undefined) book.requests.set(requestKey(ask), hex(ask.fingerprint));
}

/** Binds whatever nothing has bound yet; what is there already was found to be the same. */
export function bind(book: Book, ask: Ask, changes: Changes): void {
  const { proposal, lane } = ask;
  const { key, purpose, payouts } = proposal;
  const [first] = payouts;
  if (book.transactions.get(transactionKey(ask)) === undefined) {
    const publicKey = hex(key.publicKey);
    const payoutIds = payoutIdsOf(ask);
    book.transactions.set(transactionKey(ask), { lane: lane.id, purpose, payoutIds, publicKey, recorded: undefined });
  }
  if (lane.onePayout && first !== undefined && book.soleLanes.get(lane.id) === undefined) {
    book.soleLanes.set(lane.id, { payoutId: first.payoutId, authorizationHash: authorizationOf(lane) });
  }
  for (const payout of payouts) {
    const { payoutId, destination, asset, amount } = payout;
    if (book.payouts.get(payoutId) !== undefined) continue;
    const memo = memoColumn(payout);
    book.payouts.set(payoutId, { lane: lane.id, keyId: key.id, destination, asset, amount: amount.toString(), memo });
  }
  for (const [id, count] of changes.envelopes) book.envelopes.set(id, count);
  for (const [account, row] of changes.nonces) book.nonces.set(account, row);
  for (const [id, charge] of changes.charges) book.charges.set(id, charge);
  for (const [counter, spent] of changes.spent) book.spent.set(counter, spent);
}

export function requestKey({ caller, proposal }: Ask): string {
  return rowKey(caller, proposal.requestId);
}

export function transactionKey({ proposal, signingHash }: Ask): string {
  return rowKey(proposal.key.id, hex(signingHash));
}

/** Sorted. */
export function payoutIdsOf({ proposal }: Ask): string[] {
  return proposal.payouts.map(({ payoutId }) => payoutId).sort();
}

export function authorizationOf({ authorizationHash }: Lane): string | null {
  return authorizationHash === null ? null : hex(authorizationHash);
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
