import { authorizationNonce } from '@countersign/chains/stellar/lane';
import { decide, type Question } from '@countersign/policy/decide';
import type { KeyPolicy, Purpose } from '@countersign/policy/schema';
import type { Asked } from './explain-request.ts';
import { proposedPayouts } from './proposed-payouts.ts';
import { closesLane, transfersOf } from './transfers.ts';

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

/** Why the signer would refuse: first what it demands before it asks policy, then every rule that is violated. */
export function* judge(
  policy: KeyPolicy,
  transaction: Question['transaction'],
  who: Who,
  asked: Asked,
  address: string | undefined,
): Generator<Refusal> {
  const cancel = who.purpose === 'cancel';
  const transfers = cancel ? [] : transfersOf(transaction, policy);
  const { payouts, differences } = proposedPayouts(transfers, asked);
  if (cancel && !isCancel(transaction, address)) {
    yield { code: 'TRANSACTION_MISMATCH', message: 'transaction: expected a transfer of nothing to the key itself' };
  }
  if (!cancel && transaction.kind === 'stellar' && !closesLane(transaction)) {
    yield { code: 'LANE_NOT_CLOSED', message: 'operations: the last one, and no other, is to close the lane' };
  }
  const nothing = transfers.every(({ amount }) => amount === 0n);
  if (!cancel && nothing && (transaction.kind === 'evm' || transaction.kind === 'stellar')) {
    yield { code: 'NO_PAYOUTS', message: 'transaction: expected at least one payment' };
  }
  yield* nonceRefusals(transaction, asked);
  for (const message of differences) yield { code: 'TRANSACTION_MISMATCH', message };
  const decision = decide(policy, { ...who, transaction, payouts });
  if (!decision.allowed) yield* decision.reasons;
}

function isCancel(transaction: Question['transaction'], address: string | undefined): boolean {
  return (
    transaction.kind === 'evm' &&
    transaction.to === address &&
    transaction.transfer.destination === address &&
    transaction.value === 0n
  );
}

/** The nonce of an authorization follows from the payout id, which only a declared payout has. */
function* nonceRefusals(transaction: Question['transaction'], { payouts }: Asked): Generator<Refusal> {
  const [only] = payouts ?? [];
  if (only === undefined || transaction.kind === 'evm' || transaction.kind === 'stellar') return;
  const { nonce } = transaction.kind === 'stellar-authorization' ? transaction : transaction.authorization;
  const expected = authorizationNonce(only.payout_id);
  if (nonce !== expected) {
    const message = `nonce: expected ${expected}, which follows from the payout id, got ${nonce}`;
    yield { code: 'NONCE_NOT_DERIVED', message };
  }
}
