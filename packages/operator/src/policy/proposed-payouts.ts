import { memoText, type Transfer } from '@countersign/chains/transfer';
import type { ProposedPayout } from '@countersign/policy/decide';
import { jsonString } from '@countersign/sshsig/json-string';
import type { Asked, DeclaredPayout } from './explain-request.ts';

export interface Matched {
  readonly payouts: readonly ProposedPayout[];
  /** What is declared and not paid, or paid and not declared. */
  readonly differences: readonly string[];
}

/** The payouts that policy is asked about: those declared, which are to be exactly the transfers; or each transfer as one. */
export function proposedPayouts(transfers: readonly Transfer[], { payouts: declared, approvedBy }: Asked): Matched {
  if (declared === undefined) {
    const payouts = transfers.map((transfer, i) => ({ ...transfer, payoutId: `payout-${i}`, approvers: approvedBy }));
    return { payouts, differences: [] };
  }
  const left = transfers.map((transfer) => ({ transfer, terms: termsOfTransfer(transfer) }));
  const payouts: ProposedPayout[] = [];
  const differences: string[] = [];
  for (const [i, payout] of declared.entries()) {
    const terms = termsOf(payout);
    const at = left.findIndex((each) => each.terms === terms);
    const [found] = at < 0 ? [] : left.splice(at, 1);
    if (found === undefined) differences.push(`payouts[${i}]: the transaction has no transfer ${terms}`);
    else payouts.push({ ...found.transfer, payoutId: payout.payout_id, approvers: new Set(payout.approved_by) });
  }
  for (const { terms } of left) differences.push(`payouts: the transaction also pays ${terms}, which is not declared`);
  return { payouts, differences };
}

function termsOfTransfer({ destination, asset, amount, memo }: Transfer): string {
  return termsOf({ destination, asset, amount: amount.toString(), memo: memo && memoText(memo) });
}

type Terms = Pick<DeclaredPayout, 'destination' | 'asset' | 'amount' | 'memo'>;

function termsOf({ destination, asset, amount, memo }: Terms): string {
  return `${amount} of ${asset} to ${destination}${memo === undefined ? '' : ` with memo ${jsonString(memo)}`}`;
}
