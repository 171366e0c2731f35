import { formatAmount } from '@countersign/chains/amount';
import { parseAssetId } from '@countersign/chains/caip';
import type { EvmTransaction } from '@countersign/chains/evm/decode';
import type { StellarTransaction } from '@countersign/chains/stellar/decode';
import type { Transfer } from '@countersign/chains/transfer';
import type { Reason, ReasonCode } from './reason.ts';
import type { EvmKeyPolicy, KeyPolicy, Purpose, StellarKeyPolicy } from './schema.ts';

/** What is asked for: a decoded transaction and the transfers that were matched to the declared payouts. */
export interface Question {
  /** SPIFFE ID from the client certificate. */
  readonly caller: string;
  readonly purpose: Purpose;
  readonly transaction: StellarTransaction | EvmTransaction;
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
  const { caller, purpose, transaction, transfers } = question;
  if (!policy.callers.get(caller)?.has(purpose)) {
    // Nothing more: who may not ask does not learn the policy by asking.
    yield reason('CALLER_NOT_ALLOWED', `caller: ${caller} may not ask for ${purpose} with this key`);
    return;
  }
  if (transaction.kind !== policy.kind || transaction.chain !== policy.chain) {
    // The other rules are written for the policy's own network and say nothing about this one.
    yield reason('NETWORK_NOT_ALLOWED', `network: expected ${policy.chain}, got ${transaction.chain}`);
    return;
  }
  yield* transferViolations(policy, transfers);
  if (policy.kind === 'stellar' && transaction.kind === 'stellar')
    yield* stellarViolations(policy, transaction, question.now);
  if (policy.kind === 'evm' && transaction.kind === 'evm') yield* evmViolations(policy, transaction);
}

function* transferViolations(policy: KeyPolicy, transfers: readonly Transfer[]): Generator<Reason> {
  for (const [i, { destination, asset, amount }] of transfers.entries()) {
    if (!policy.destinations.has(destination)) {
      yield reason('DESTINATION_NOT_ALLOWED', `transfers[${i}].destination: ${destination} is not listed`);
    }
    const limits = policy.assets.get(asset);
    if (limits === undefined) {
      yield reason('ASSET_NOT_ALLOWED', `transfers[${i}].asset: ${asset} is not listed`);
    } else if (amount > limits.maxPerPayout) {
      const { decimals } = parseAssetId(asset);
      const [most, got] = [formatAmount(limits.maxPerPayout, decimals), formatAmount(amount, decimals)];
      yield reason('AMOUNT_ABOVE_LIMIT', `transfers[${i}].amount: expected at most ${most}, got ${got}`);
    }
  }
}

function* stellarViolations(policy: StellarKeyPolicy, transaction: StellarTransaction, now: bigint): Generator<Reason> {
  const { source, operations, fee, minTime, maxTime } = transaction;
  if (!policy.channels.has(source)) {
    yield reason('CHANNEL_NOT_ALLOWED', `source: ${source} is not a listed channel account`);
  }
  for (const [i, operation] of operations.entries()) {
    if (operation.type === 'bumpSequence') continue;
    if (operation.source !== policy.account) {
      yield reason(
        'ACCOUNT_NOT_ALLOWED',
        `operations[${i}].source: expected ${policy.account}, got ${operation.source ?? source}`,
      );
    }
    if (operation.type === 'createAccount' && !policy.allowCreateAccount) {
      yield reason('CREATE_ACCOUNT_NOT_ALLOWED', `operations[${i}]: this key may not create accounts`);
    }
  }
  if (fee > policy.maxFee) yield above('FEE_ABOVE_LIMIT', 'fee', 'stroops', policy.maxFee, fee);
  if (maxTime === 0n) {
    yield reason('TIME_BOUNDS_MISSING', 'maxTime: expected a time, got 0 (valid for ever)');
  } else if (maxTime <= now) {
    yield reason('TRANSACTION_EXPIRED', `maxTime: expected a time after ${now}, got ${maxTime}`);
  } else if (maxTime - now > policy.maxLifetime) {
    yield above('LIFETIME_ABOVE_LIMIT', 'maxTime', 'seconds from now', policy.maxLifetime, maxTime - now);
  }
  if (minTime > now) yield reason('VALID_LATER', `minTime: expected at most ${now}, got ${minTime}`);
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

function reason(code: ReasonCode, message: string): Reason {
  return { code, message };
}

function above(code: ReasonCode, field: string, unit: string, most: bigint, got: bigint): Reason {
  return reason(code, `${field}: expected at most ${most} ${unit}, got ${got}`);
}
