import { decide, type ProposedPayout, type Question } from '@countersign/policy/decide';
import { MismatchError, match } from '@countersign/policy/match';
import type { KeyPolicy, Purpose } from '@countersign/policy/schema';
import type { Asked } from './explain-request.ts';
import { foundPayouts } from './found-payouts.ts';

export interface Refusal {
  readonly code: string;
  readonly message: string;
}

export interface Who {
  readonly caller: string;
  readonly purpose: Purpose;
  /** Unix seconds. */
  readonly now: bigint;
}

/**
 * Why the signer would refuse: where the transaction is not what is said of it, which the signer looks at first, and every rule that is
 * violated.
 */
export function* judge(
  policy: KeyPolicy,
  transaction: Question['transaction'],
  who: Who,
  asked: Asked,
  address: string,
): Generator<Refusal> {
  const payouts =
    asked.payouts ?? (who.purpose === 'cancel' ? [] : foundPayouts(transaction, policy, asked.approvedBy));
  // The nonce of an authorization follows from the payout id, which only a declared payout has.
  const held = asked.payouts !== undefined || transaction.kind === 'evm' || transaction.kind === 'stellar';
  if (held) yield* mismatchOf(transaction, who.purpose, payouts, address, asked.networkPassphrase ?? '');
  const decision = decide(policy, { ...who, transaction, payouts });
  if (!decision.allowed) yield* decision.reasons;
}

function* mismatchOf(
  transaction: Question['transaction'],
  purpose: Purpose,
  payouts: readonly ProposedPayout[],
  address: string,
  networkPassphrase: string,
): Generator<Refusal> {
  const said = { purpose, payouts, address };
  try {
    match(transaction.kind === 'evm' ? { ...said, transaction } : { ...said, transaction, networkPassphrase });
  } catch (error) {
    if (!(error instanceof MismatchError)) throw error;
    yield error;
  }
}
