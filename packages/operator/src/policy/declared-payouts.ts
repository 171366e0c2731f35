import { parseAssetId } from '@countersign/chains/caip';
import { parseDestination } from '@countersign/chains/destination';
import { TransactionError } from '@countersign/chains/error';
import { ID, ID_IN_WORDS } from '@countersign/chains/id';
import { memoOf, type StellarMemo } from '@countersign/chains/transfer';
import type { ProposedPayout } from '@countersign/policy/decide';
import { z } from 'zod';

const MEMO = /^(?:text:.*|id:\d{1,20}|(?:hash|return):[0-9a-f]{64})$/s;

const declaredPayout = z
  .strictObject({
    payout_id: z.string().regex(ID, `expected ${ID_IN_WORDS}`),
    destination: z.string(),
    asset: z.string().transform((text, context) => reading(context, [], () => parseAssetId(text))),
    amount: z.string().regex(/^[1-9]\d{0,77}$/, 'expected a decimal integer in quotes, in the smallest unit'),
    memo: z
      .string()
      .regex(MEMO, 'expected text:, id: and an integer, or hash: or return: and 64 hex digits')
      .transform(memoFrom)
      .optional(),
    approved_by: z.array(z.string()).default([]),
  })
  .transform((declared, context): ProposedPayout => {
    const { payout_id: payoutId, asset, amount, memo, approved_by: approvedBy } = declared;
    const read = () => parseDestination(asset.chain, declared.destination);
    return {
      payoutId,
      destination: reading(context, ['destination'], read),
      asset: asset.id,
      amount: BigInt(amount),
      ...(memo !== undefined && { memo }),
      approvers: new Set(approvedBy),
    };
  });

/**
 * Payouts as a request declares them: none twice, each in its canonical form, as the signer reads them; but a memo that no transaction
 * can have is refused by the match, which finds none that pays with it. `memo` is written as `memoText` does, `approved_by` are names of
 * approvers.
 */
export const declaredPayouts = z
  .array(declaredPayout)
  .min(1)
  .superRefine((payouts, context) => {
    const seen = new Set<string>();
    for (const [i, { payoutId }] of payouts.entries()) {
      if (seen.has(payoutId)) {
        context.addIssue({ code: 'custom', path: [i, 'payout_id'], message: 'expected an id only once' });
      }
      seen.add(payoutId);
    }
  });

function reading<T>(context: z.RefinementCtx, path: string[], read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof TransactionError)) throw error;
    context.addIssue({ code: 'custom', path, message: error.message });
    return z.NEVER;
  }
}

const MEMOS = ['text', 'id', 'hash', 'return'] as const;

function memoFrom(text: string): StellarMemo {
  const type = MEMOS.find((each) => text.startsWith(`${each}:`)) ?? 'text';
  return memoOf(type, text.slice(type.length + 1));
}
