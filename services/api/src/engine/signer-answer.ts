import { CountersignError, type Reason } from '@countersign/contract/errors';
import type { SignTransactionResponse } from '@countersign/contract/signer';
import type { PayoutReason } from './move-payouts.ts';

/** What a request for a signature came to. */
export type SignerAnswer =
  | { readonly kind: 'signed'; readonly response: SignTransactionResponse }
  /** Policy says no: nothing was bound by this request. */
  | { readonly kind: 'denied'; readonly reason: PayoutReason; readonly reasons: readonly Reason[] }
  /** Policy allows it with approvals that are not there, of the payouts that the reasons name: nothing was bound by this request. */
  | { readonly kind: 'unapproved'; readonly reason: PayoutReason; readonly reasons: readonly Reason[] }
  /** A payout or a nonce is bound otherwise: nothing was bound by this request, but our books and the signer's differ. */
  | { readonly kind: 'bound'; readonly reason: PayoutReason; readonly reasons: readonly Reason[] }
  /** The signer cannot make sense of what we sent: a mistake in the engine or in the set-up. */
  | { readonly kind: 'broken'; readonly reason: PayoutReason }
  /**
   * No answer, or not yet: the same request again later. `unbound`: nothing was bound by this one; else it may have been
   * signed. `grave`: waiting alone will not help.
   */
  | { readonly kind: 'wait'; readonly reason: PayoutReason; readonly unbound: boolean; readonly grave: boolean };

export type SignerRefusal = Exclude<SignerAnswer, { kind: 'signed' }>;

// Reasons of policy that time alone brings about and takes away; a maxTime too far ahead says that two clocks differ.
const ABOUT_TIME = new Set([
  'LIFETIME_ABOVE_LIMIT',
  'AUTHORIZATION_LIFETIME_ABOVE_LIMIT',
  'TRANSACTION_EXPIRED',
  'VALID_LATER',
]);

const APPROVAL_REQUIRED = 'APPROVAL_REQUIRED';

/** Reads what the signer client threw. Whatever is not plainly a refusal counts as unknown. */
export function readRefusal(error: unknown): SignerRefusal {
  if (!(error instanceof CountersignError)) {
    const reason = { code: 'SIGNER_UNAVAILABLE', detail: 'no usable answer' };
    return { kind: 'wait', reason, unbound: false, grave: true };
  }
  const { code, reasons } = error;
  const reason = { code, detail: detailOf(error.message, reasons) };
  switch (code) {
    case 'POLICY_DENIED':
      return readDenial(error);
    case APPROVAL_REQUIRED:
      return { kind: 'unapproved', reason, reasons };
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
      return { kind: 'wait', reason: { ...reason, code: 'SIGNER_UNAVAILABLE' }, unbound: false, grave: false };
    case 'KEY_FROZEN':
    case 'LIMIT_REACHED':
    case 'POLICY_SUPERSEDED':
    case 'AUDIT_BEHIND':
    case 'THROTTLED':
    case 'NONCE_OUT_OF_WINDOW':
      return { kind: 'wait', reason, unbound: true, grave: false };
    default:
      return { kind: 'wait', reason, unbound: false, grave: !error.retryable };
  }
}

/** Payouts of which nothing is wrong but that approvals are missing are no part of a denial: they are put to the signer again. */
function readDenial({ code, message, reasons: all }: CountersignError): SignerRefusal {
  const violated = all.filter((each) => each.code !== APPROVAL_REQUIRED);
  const unapproved = violated.length === 0 && all.length > 0;
  const reasons = unapproved ? all : violated;
  const reason = { code: unapproved ? APPROVAL_REQUIRED : code, detail: detailOf(message, reasons) };
  if (unapproved) return { kind: 'unapproved', reason, reasons };
  if (reasons.length > 0 && reasons.every((each) => ABOUT_TIME.has(each.code))) {
    return { kind: 'wait', reason, unbound: false, grave: false };
  }
  return { kind: 'denied', reason, reasons };
}

function detailOf(message: string, reasons: readonly Reason[]): string {
  return reasons.length === 0 ? message : reasons.map((reason) => `${reason.code}: ${reason.message}`).join('; ');
}
