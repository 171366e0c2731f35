import { isDeepStrictEqual } from 'node:util';
import { memoJson, rustDecode } from '@countersign/chains/testing/stellar';
import type { Payout, SignTransactionRequest } from '@countersign/contract/signer';
import { PASSPHRASE } from '../../harness/requests.ts';
import { approvalBy } from '../approvals.ts';
import { memoOf } from '../requests.ts';
import { demand, Finding } from '../target.ts';
import { APPROVAL_ABOVE, NOW, PAYER, RECIPIENTS } from '../world.ts';
import { paidByEntry } from './entry.ts';
import { ASSETS, canonical, lower, type Paid } from './paid.ts';
import { paidOnEvm } from './paid-on-evm.ts';
import { paidByEnvelope } from './paid-on-stellar.ts';

// Units of each asset, at most.
const MOST: Readonly<Record<string, bigint>> = {
  [ASSETS.xlm]: 1_000n * 10n ** 7n,
  [ASSETS.stellarUsdc]: 1_000n * 10n ** 7n,
  [ASSETS.eth]: 10n * 10n ** 18n,
  [ASSETS.evmUsdc]: 1_000n * 10n ** 6n,
};

/**
 * What a request that passed must be, by the words of its transaction as other libraries read it (Rust's XDR, viem), the
 * literal rules of the dev stack's policy, and nothing of ours that decodes, matches or decides.
 */
export function mayBeSigned(request: SignTransactionRequest): void {
  const { payouts } = request;
  const paid = paidBy(request);
  demand(
    isDeepStrictEqual(sorted(paid), sorted(payouts.map(asDeclared))),
    `pays ${text(paid)}, declared ${text(payouts.map(asDeclared))}`,
  );
  demand(new Set(payouts.map(({ payoutId }) => payoutId)).size === payouts.length, 'a payout id twice');
  for (const { destination, asset, amount, memo } of paid) {
    demand(amount > 0n && amount <= (MOST[asset] ?? 0n), `pays ${amount} of ${asset}`);
    if (isListed(destination, memo) && (!isStellar(asset) || amount <= APPROVAL_ABOVE)) continue;
    const same = payouts.filter((payout) =>
      isDeepStrictEqual(asDeclared(payout), { destination, asset, amount, memo }),
    );
    demand(isStellar(asset) && same.every(isApproved), `pays ${amount} of ${asset} to ${destination} without approval`);
  }
}

function paidBy({ transaction, payouts, purpose }: SignTransactionRequest): Paid[] {
  const payoutId = payouts[0]?.payoutId;
  switch (transaction.case) {
    case 'evm':
      return paidOnEvm(transaction.value.unsignedTransaction, purpose);
    case 'stellar':
      demand(transaction.value.networkPassphrase === PASSPHRASE, 'another network');
      return paidByEnvelope(transaction.value.envelopeXdr, payoutId);
    case 'stellarAuthorization':
      demand(transaction.value.networkPassphrase === PASSPHRASE, 'another network');
      return paidByEntry(rustDecode(transaction.value.entryXdr, 'SorobanAuthorizationEntry'), payoutId, true);
    case undefined:
      throw new Finding('a request without a transaction');
  }
}

const isStellar = (asset: string): boolean => asset.startsWith('stellar:');

function isListed(destination: string, memo: unknown): boolean {
  const [withMemos, ...others] = [...RECIPIENTS.stellar, ...RECIPIENTS.contracts, ...RECIPIENTS.evm.map(lower)];
  return destination === withMemos || (memo === 'none' && others.includes(destination));
}

/** Whether the approver signed for exactly this payout, until a time within the next hour. */
function isApproved(payout: Payout): boolean {
  return payout.approvals.some(({ expiresAt, signature }) => {
    const terms = { ...payout, ...PAYER, memo: memoOf(payout), expiresAt };
    const valid = [approvalBy(terms, 'sha512'), approvalBy(terms, 'sha256')];
    const inTime = expiresAt > NOW && expiresAt <= NOW + 3_600;
    return inTime && valid.some((bytes) => Buffer.compare(bytes, signature) === 0);
  });
}

function asDeclared({ destination, asset, amount, memo }: Payout): Paid {
  const evm = asset.startsWith('eip155:');
  return {
    destination: evm ? lower(destination) : destination,
    asset: evm ? canonical(asset) : asset,
    amount: BigInt(amount),
    memo: declaredMemo(memo),
  };
}

function declaredMemo(memo: Payout['memo']): unknown {
  switch (memo?.kind.case) {
    case undefined:
      return 'none';
    case 'text':
      return memoJson({ type: 'text', value: memo.kind.value });
    case 'id':
      return memoJson({ type: 'id', value: memo.kind.value });
    case 'hash':
      return memoJson({ type: 'hash', value: memo.kind.value });
    case 'returnHash':
      return memoJson({ type: 'return', value: memo.kind.value });
  }
}

const text = (paid: readonly Paid[]): string =>
  paid.map((each) => Object.values(each).map(String).join(' ')).join('; ');
const sorted = (paid: readonly Paid[]): Paid[] =>
  paid.toSorted((a, b) => (text([a]) + JSON.stringify(a.memo) < text([b]) + JSON.stringify(b.memo) ? -1 : 1));
