import { CountersignError } from '@countersign/contract/errors';
import type { Ask } from './ask.ts';
import { type Book, type NonceRow, rowKey } from './book.ts';

/**
 * The row of an EVM account once this nonce is in it: without a gap, and at most the policy's window ahead of the lowest that is
 * not final yet. The first report of a caller says where an account begins; later ones count up to what was signed, since
 * nothing else can be final: the key is used here alone.
 *
 * @throws CountersignError NONCE_OUT_OF_WINDOW.
 */
export function noncesOf(book: Book, { proposal, policy }: Ask): ReadonlyMap<string, NonceRow> {
  if (proposal.kind !== 'evm' || policy.kind !== 'evm') return new Map();
  const { nonce, chain } = proposal.transaction;
  const account = rowKey(chain, proposal.key.address.toLowerCase());
  const before = book.nonces.get(account) ?? { next: proposal.lowestOpenNonce, lowestOpen: proposal.lowestOpenNonce };
  const { next } = before;
  const lowestOpen = max(before.lowestOpen, min(next, proposal.lowestOpenNonce));
  const beyond = lowestOpen + policy.maxNoncesAhead;
  if (nonce > next) {
    throw outOfWindow('NONCE_GAP', `nonce: expected at most ${next}, the next to be signed, got ${nonce}`);
  }
  if (nonce >= beyond) throw outOfWindow('NONCE_TOO_FAR_AHEAD', `nonce: expected below ${beyond}, got ${nonce}`);
  return new Map([[account, { next: max(next, nonce + 1n), lowestOpen }]]);
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);

function outOfWindow(code: string, message: string): CountersignError {
  return new CountersignError('NONCE_OUT_OF_WINDOW', message, { reasons: [{ code, message }] });
}
