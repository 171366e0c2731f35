import { formatAmount } from '@countersign/chains/amount';
import { type AssetId, parseAssetId } from '@countersign/chains/caip';
import type { EvmTransaction } from '@countersign/chains/evm/decode';
import { parseStellarDestination } from '@countersign/chains/stellar/address';
import type { StellarAuthorization, StellarInvocation, StellarTransaction } from '@countersign/chains/stellar/decode';
import type { Transfer } from '@countersign/chains/transfer';
import { sorobanViolations } from './decide-soroban.ts';
import { stellarViolations } from './decide-stellar.ts';
import type { EvmKeyPolicy, KeyPolicy, Purpose } from './policy.ts';
import { above, type Reason, reason } from './reason.ts';

/** What is asked for: a decoded transaction and the transfers that were matched to the declared payouts. */
export interface Question {
  /** SPIFFE ID from the client certificate. */
  readonly caller: string;
  readonly purpose: Purpose;
  readonly transaction: StellarTransaction | StellarAuthorization | StellarInvocation | EvmTransaction;
  readonly transfers: readonly Transfer[];
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
  const { caller, purpose, transaction, transfers, now } = question;
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
  yield* transferViolations(policy, transfers);
  if (policy.kind === 'evm') {
    if (transaction.kind === 'evm') yield* evmViolations(policy, transaction);
  } else if (transaction.kind === 'stellar') {
    yield* stellarViolations(policy, transaction, now);
  } else if (transaction.kind !== 'evm') {
    yield* sorobanViolations(policy, transaction, transfers, now);
  }
}

function* transferViolations(policy: KeyPolicy, transfers: readonly Transfer[]): Generator<Reason> {
  for (const [i, { destination, asset, amount }] of transfers.entries()) {
    if (!policy.destinations.has(destination)) {
      yield reason('DESTINATION_NOT_ALLOWED', `transfers[${i}].destination: ${destination} is not listed`);
    }
    if (isIssuer(destination, asset)) {
      const message = `transfers[${i}].destination: ${destination} issues ${asset}, which would be burnt`;
      yield reason('DESTINATION_IS_ISSUER', message);
    }
    const limits = policy.assets.get(asset);
    if (limits === undefined) {
      yield reason('ASSET_NOT_ALLOWED', `transfers[${i}].asset: ${asset} is not listed`);
    } else if (amount > limits.maxPerPayout) {
      const { decimals } = limits;
      const [most, got] = [formatAmount(limits.maxPerPayout, decimals), formatAmount(amount, decimals)];
      yield reason('AMOUNT_ABOVE_LIMIT', `transfers[${i}].amount: expected at most ${most}, got ${got}`);
    }
  }
}

function isIssuer(destination: string, id: AssetId): boolean {
  const asset = parseAssetId(id);
  if (asset.kind !== 'issued') return false;
  const paid = parseStellarDestination(destination);
  return paid.kind !== 'contract' && paid.account === asset.issuer;
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
