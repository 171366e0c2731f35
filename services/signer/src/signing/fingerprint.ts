import { createHash } from 'node:crypto';
import { memoColumn } from './memo-column.ts';
import type { Proposal } from './proposal.ts';

/**
 * What a request id stands for: everything that it asks for, and nothing about how it came. The lowest open nonce is left
 * out: a retry may report a newer one.
 */
export function fingerprint({ key, purpose, payouts, unsigned, transaction }: Proposal): Uint8Array {
  const content = [
    key.id,
    purpose,
    transaction.chain,
    Buffer.from(unsigned).toString('hex'),
    payouts.map((payout) => [
      payout.payoutId,
      payout.destination,
      payout.asset,
      payout.amount.toString(),
      memoColumn(payout),
    ]),
  ];
  return createHash('sha256').update(JSON.stringify(content)).digest();
}
