import { formatAmount } from '@countersign/chains/amount';
import type { AssetId } from '@countersign/chains/caip';
import { memoText } from '@countersign/chains/transfer';
import type { DeclaredPayout } from './declared.ts';
import { paidAccount } from './paid-account.ts';
import type { AssetLimits, KeyPolicy, NeverPaid } from './policy.ts';
import { type Reason, type ReasonCode, reason } from './reason.ts';

/** A payout that a transaction was found to pay, with those who approved it. */
export interface ProposedPayout extends DeclaredPayout {
  /** Names of the approvers whose signature over exactly these terms is valid and has not expired. */
  readonly approvers: ReadonlySet<string>;
}

/** Rules for what is paid: each payout by itself, and all of them together. */
export function* payoutViolations(policy: KeyPolicy, payouts: readonly ProposedPayout[]): Generator<Reason> {
  for (const [i, payout] of payouts.entries()) yield* violationsOf(policy, payout, `payouts[${i}]`);
  yield* sumViolations(policy, payouts);
}

function* violationsOf(policy: KeyPolicy, payout: ProposedPayout, at: string): Generator<Reason> {
  const { destination, asset, amount } = payout;
  const limits = policy.assets.get(asset);
  const account = paidAccount(destination);
  const never = policy.neverPaid.get(account);
  if (never !== undefined) {
    const [code, what] = NEVER_PAID[never];
    yield reason(code, `${at}.destination: ${destination} is ${what}`);
  }
  if (limits?.issuer === account) {
    yield reason('DESTINATION_IS_ISSUER', `${at}.destination: ${destination} issues ${asset}, which would be burnt`);
  }
  const unlisted = destinationViolation(policy, payout, at);
  if (unlisted !== undefined && !unlisted.approvable) yield unlisted.reason;
  if (limits === undefined) {
    yield reason('ASSET_NOT_ALLOWED', `${at}.asset: ${asset} is not listed`);
  } else if (amount > limits.maxPerPayout) {
    const [most, got] = shown(limits, limits.maxPerPayout, amount);
    yield reason('AMOUNT_ABOVE_LIMIT', `${at}.amount: expected at most ${most}, got ${got}`);
  }
  const why: string[] = [];
  if (limits?.approvalAbove !== undefined && amount > limits.approvalAbove) {
    why.push(`its amount is above ${formatAmount(limits.approvalAbove, limits.decimals)}`);
  }
  if (unlisted?.approvable === true) {
    const withMemo = unlisted.reason.code === 'MEMO_NOT_ALLOWED' ? ' with its memo' : '';
    why.push(`its destination is not listed${withMemo}`);
  }
  if (why.length > 0) yield* approvalViolation(policy, payout, why, at);
}

const NEVER_PAID: Readonly<Record<NeverPaid, readonly [ReasonCode, string]>> = {
  own: ['DESTINATION_IS_OWN', 'an account of our own'],
  token: ['DESTINATION_IS_TOKEN', 'the contract of a token, not a holder'],
  nobody: ['DESTINATION_IS_NOBODY', 'an address that nobody can own'],
};

interface DestinationViolation {
  readonly reason: Reason;
  /** Whether approvers may sign for it. */
  readonly approvable: boolean;
}

/** An entry of the list binds address and memo: a listed address with another memo is as good as not listed. */
function destinationViolation(
  { destinations, approvals }: KeyPolicy,
  { destination, memo }: ProposedPayout,
  at: string,
): DestinationViolation | undefined {
  const violation = (code: ReasonCode, message: string, approvable: boolean): DestinationViolation => ({
    reason: reason(code, `${at}.${message}`),
    approvable,
  });
  // An M… address carries its own, and a contract's transfer none; the EVM has no memos.
  if (memo !== undefined && !destination.startsWith('G')) {
    return violation('MEMO_NOT_ALLOWED', `memo: expected none with ${destination}`, false);
  }
  const approvable = destinations.kind === 'listed' && approvals?.unlistedDestinations === true;
  const rule = destinations.kind === 'any' ? destinations.memo : destinations.memos.get(destination);
  if (rule === undefined) {
    return violation('DESTINATION_NOT_ALLOWED', `destination: ${destination} is not listed`, approvable);
  }
  if (rule === 'any') return undefined;
  const got = memo === undefined ? 'none' : memoText(memo);
  if (rule === 'none' ? memo === undefined : rule.has(got)) return undefined;
  const message = `memo: ${destination} is not listed with ${memo === undefined ? 'none' : 'this one'}`;
  return violation('MEMO_NOT_ALLOWED', message, approvable);
}

/** One for a payout, however many rules ask for approvals: the same signatures serve all of them. */
function* approvalViolation(
  { approvals }: KeyPolicy,
  { approvers, payoutId }: ProposedPayout,
  why: readonly string[],
  at: string,
): Generator<Reason> {
  const known = new Set(approvals?.approvers.values());
  const signed = [...approvers].filter((name) => known.has(name)).length;
  // A policy that asks for approvals and names nobody allows nothing.
  if (approvals !== undefined && signed >= approvals.threshold) return;
  const needed = `${approvals?.threshold ?? 0} of the ${known.size} approvers`;
  yield reason(
    'APPROVAL_REQUIRED',
    `${at}: payout ${payoutId} needs the signatures of ${needed} and has ${signed}: ${why.join(', and ')}`,
  );
}

function* sumViolations({ assets }: KeyPolicy, payouts: readonly ProposedPayout[]): Generator<Reason> {
  const sums = new Map<AssetId, bigint>();
  for (const { asset, amount } of payouts) sums.set(asset, (sums.get(asset) ?? 0n) + amount);
  for (const [asset, sum] of sums) {
    const limits = assets.get(asset);
    if (limits?.maxPerTransaction === undefined || sum <= limits.maxPerTransaction) continue;
    const [most, got] = shown(limits, limits.maxPerTransaction, sum);
    yield reason('TRANSACTION_AMOUNT_ABOVE_LIMIT', `payouts: expected at most ${most} of ${asset} in all, got ${got}`);
  }
}

function shown({ decimals }: AssetLimits, ...amounts: readonly bigint[]): string[] {
  return amounts.map((amount) => formatAmount(amount, decimals));
}
