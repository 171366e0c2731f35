import { CountersignError, type Reason } from '@countersign/contract/errors';
import type { SignTransactionResponse } from '@countersign/contract/signer';
import type { PayoutReason } from './move-payouts.ts';

/** What a request for a signature came to. */
export type SignerAnswer =
  | { readonly kind: 'signed'; readonly response: SignTransactionResponse }
  /** Policy says no: nothing was bound by this request. */
  | { readonly kind: 'denied'; readonly reason: PayoutReason; readonly reasons: readonly Reason[] }
  /** A payout or a nonce is bound otherwise: nothing was bound by this request, but our books and the signer's differ. */
  | { readonly kind: 'bound'; readonly reason: PayoutReason; readonly reasons: readonly Reason[] }
  /** The signer cannot make sense of what we sent: a mistake in the engine or in the set-up. */
  | { readonly kind: 'broken'; readonly reason: PayoutReason }
  /** No answer, or not yet: the same request again later. It may have been signed. `grave`: waiting alone will not help. */
  | { readonly kind: 'wait'; readonly reason: PayoutReason; readonly grave: boolean };

export type SignerRefusal = Exclude<SignerAnswer, { kind: 'signed' }>;

// Reasons of policy that time alone brings about and takes away; a maxTime too far ahead says that two clocks differ.
const ABOUT_TIME = new Set([
  'LIFETIME_ABOVE_LIMIT',
  'AUTHORIZATION_LIFETIME_ABOVE_LIMIT',
  'TRANSACTION_EXPIRED',
  'VALID_LATER',
]);

/** Reads what the signer client threw. Whatever is not plainly a refusal counts as unknown. */
export function readRefusal(error: unknown): SignerRefusal {
  if (!(error instanceof CountersignError)) {
    return { kind: 'wait', reason: { code: 'SIGNER_UNAVAILABLE', detail: 'no usable answer' }, grave: true };
  }
  const { code, reasons } = error;
  const reason = { code, detail: detailOf(error) };
  switch (code) {
    case 'POLICY_DENIED':
      if (reasons.length > 0 && reasons.every((each) => ABOUT_TIME.has(each.code))) {
        return { kind: 'wait', reason, grave: false };
      }
      return { kind: 'denied', reason, reasons };
    case 'PAYOUT_BOUND':
    case 'LANE_TAKEN':
      return { kind: 'bound', reason, reasons };
    case 'REQUEST_ID_REUSED':
    case 'INVALID_REQUEST':
    case 'TRANSACTION_MALFORMED':
    case 'TRANSACTION_MISMATCH':
      return { kind: 'broken', reason };
    case 'UNAVAILABLE':
    case 'DEADLINE':
      return { kind: 'wait', reason: { code: 'SIGNER_UNAVAILABLE', detail: reason.detail }, grave: false };
    default:
      return { kind: 'wait', reason, grave: !error.retryable };
  }
}

function detailOf({ message, reasons }: CountersignError): string {
  return reasons.length === 0 ? message : reasons.map((reason) => `${reason.code}: ${reason.message}`).join('; ');
}
