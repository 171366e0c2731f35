import { formatAmount } from '@countersign/chains/amount';
import { z } from 'zod';
import { memoSchema } from '../payouts/create-payout-body.ts';
import { PAYOUT_STATUSES, type PayoutRow, payoutIdSchema } from '../payouts/payout-resource.ts';

const expiresAt = z
  .int()
  .min(1)
  .max(253_402_300_799)
  .meta({ description: 'Unix seconds, as the signed statement has it.', examples: [1_795_000_000] });

/** The body of POST /v1/payouts/{id}/approvals. */
export const approvePayoutBodySchema = z
  .strictObject({
    expires_at: expiresAt,
    signature: z
      .string()
      .min(1)
      .max(4096)
      .meta({
        description:
          'What `ssh-keygen -Y sign -n countersign-approval` makes of the approval statement: one armored SSH signature.',
        examples: ['-----BEGIN SSH SIGNATURE-----\n…\n-----END SSH SIGNATURE-----\n'],
      }),
  })
  .meta({ id: 'ApprovePayout' });

/** What there is to approve, and who has. */
export const payoutApprovalsSchema = z
  .object({
    payout: payoutIdSchema,
    key: z.string().meta({ description: 'The treasury key that pays.' }),
    account: z.string().meta({ description: 'The account that it pays from: `G…`, or a 0x address (EIP-55).' }),
    chain: z.string().meta({ description: 'CAIP-2: the network.' }),
    destination: z.string(),
    asset: z.string().meta({ description: 'CAIP-19.' }),
    amount: z.string().meta({ description: 'A decimal number in whole units of the asset.' }),
    amount_units: z.string().meta({ description: 'The same in the smallest unit of the asset, as it is signed.' }),
    decimals: z.int().meta({ description: 'Fraction digits of the smallest unit.' }),
    memo: memoSchema.optional(),
    status: z.enum(PAYOUT_STATUSES),
    reason: z.object({ code: z.string(), detail: z.string() }).nullable(),
    approvals: z
      .array(
        z.object({
          fingerprint: z.string().meta({ description: 'Of the SSH key that signed.' }),
          expires_at: expiresAt,
          expired: z.boolean(),
          added_at: z.iso.datetime(),
        }),
      )
      .meta({
        description:
          'One for each key that signed these terms, the newest first, at most 100. Whether a key is an approver’s only the policy of the signer says.',
      }),
  })
  .meta({ id: 'PayoutApprovals' });

export type PayoutApprovals = z.output<typeof payoutApprovalsSchema>;

/** A row of `payout_approvals`. */
export interface ApprovalRow {
  readonly fingerprint: string;
  readonly expires_at: bigint;
  readonly added_at: Date;
}

/** @param account that pays. @param now Unix seconds. */
export function approvalsOf(
  payout: PayoutRow,
  account: string,
  approvals: readonly ApprovalRow[],
  now: bigint,
): PayoutApprovals {
  const { memo_type: type, memo_value: value } = payout;
  return {
    payout: payout.id,
    key: payout.key_id,
    account,
    chain: payout.chain,
    destination: payout.destination,
    asset: payout.asset,
    amount: formatAmount(BigInt(payout.amount), payout.decimals),
    amount_units: payout.amount,
    decimals: payout.decimals,
    ...(type !== null && value !== null && { memo: { type, value } }),
    status: payout.status,
    reason: payout.reason_code === null ? null : { code: payout.reason_code, detail: payout.reason_detail ?? '' },
    approvals: approvals.map(({ fingerprint, expires_at, added_at }) => ({
      fingerprint,
      expires_at: Number(expires_at),
      expired: expires_at <= now,
      added_at: added_at.toISOString(),
    })),
  };
}
