import type { EvmTransaction } from '@countersign/chains/evm/decode';
import type { StellarAuthorization, StellarInvocation, StellarTransaction } from '@countersign/chains/stellar/decode';
import { type ProposedPayout, payoutViolations } from './decide-payouts.ts';
import { sorobanViolations } from './decide-soroban.ts';
import { stellarViolations } from './decide-stellar.ts';
import type { EvmKeyPolicy, KeyPolicy, Purpose } from './policy.ts';
import { above, type Reason, reason } from './reason.ts';

export type { ProposedPayout } from './decide-payouts.ts';

/** What is asked for: a decoded transaction and the payouts that its transfers were matched to. */
export interface Question {
  /** SPIFFE ID from the client certificate. */
  readonly caller: string;
  readonly purpose: Purpose;
  readonly transaction: StellarTransaction | StellarAuthorization | StellarInvocation | EvmTransaction;
  readonly payouts: readonly ProposedPayout[];
  /** Unix time, seconds. */
  readonly now: bigint;
}

export type Decision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly reasons: readonly [Reason, ...Reason[]] };

/** Decides by the policy of the key. A denial lists every violated rule, not only the first. */
export function decide(policy: KeyPolicy, question: Question): Decision {
  const [first, ...rest] = [...violations(policy, question)];
  return first === undefined ? { allowed: true } : { allowed: false, reasons: [first, ...rest] };
}

function* violations(policy: KeyPolicy, question: Question): Generator<Reason> {
  const { caller, purpose, transaction, payouts, now } = question;
  if (!policy.callers.get(caller)?.has(purpose)) {
    // Nothing more: who may not ask does not learn the policy by asking.
    yield reason('CALLER_NOT_ALLOWED', `caller: ${caller} may not ask for ${purpose} with this key`);
    return;
  }
  if ((transaction.kind === 'evm') !== (policy.kind === 'evm') || transaction.chain !== policy.chain) {
    // The other rules are written for the policy's own network and say nothing about this one.
    yield reason('NETWORK_NOT_ALLOWED', `network: expected ${policy.chain}, got ${transaction.chain}`);
    return;
  }
  yield* payoutViolations(policy, payouts);
  if (policy.kind === 'evm') {
    if (transaction.kind === 'evm') yield* evmViolations(policy, transaction);
  } else if (transaction.kind === 'stellar') {
    yield* stellarViolations(policy, transaction, now);
  } else if (transaction.kind !== 'evm') {
    yield* sorobanViolations(policy, transaction, payouts, now);
  }
}

function* evmViolations(policy: EvmKeyPolicy, transaction: EvmTransaction): Generator<Reason> {
  const { gasLimit, maxFeePerGas, maxPriorityFeePerGas } = transaction;
  if (gasLimit > policy.maxGasLimit) {
    yield above('GAS_LIMIT_ABOVE_LIMIT', 'gasLimit', 'gas', policy.maxGasLimit, gasLimit);
  }
  if (maxFeePerGas > policy.maxFeePerGas) {
    yield above('FEE_CAP_ABOVE_LIMIT', 'maxFeePerGas', 'wei', policy.maxFeePerGas, maxFeePerGas);
  }
  if (maxPriorityFeePerGas > policy.maxPriorityFeePerGas) {
    const most = policy.maxPriorityFeePerGas;
    yield above('PRIORITY_FEE_ABOVE_LIMIT', 'maxPriorityFeePerGas', 'wei', most, maxPriorityFeePerGas);
  }
}
