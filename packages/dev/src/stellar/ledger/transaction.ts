import { type LedgerEntryChange, OperationResult } from '@stellar/stellar-sdk/xdr';
import type { SorobanEffects } from '../soroban/apply.ts';
import { type Account, availableBalance, signersOf } from './account.ts';
import { type CloseTimeOffsets, type LedgerContext, NO_OFFSETS, startingSequence } from './context.ts';
import { type Entries, layer } from './entries.ts';
import { inclusionFee, type Operation, type Transaction } from './envelope.ts';
import { accessesFrozen } from './frozen.ts';
import { MAX_INT64 } from './network.ts';
import { invocationResult } from './operations/invoke-host-function.ts';
import { isTooEarly, isTooEarlyFor, isTooLate } from './preconditions.ts';
import type { Outcome, PlainCode } from './result.ts';
import { type SignatureChecker, signatureChecker } from './signatures.ts';

/** Whether a fee bump pays instead of the transaction's own source. */
export type FeePayer = 'source' | 'feeBump';

/** A transaction that was applied: its result and what it changed, before and by each of its operations. */
export interface Applied {
  readonly outcome: Outcome;
  readonly changesBefore: readonly LedgerEntryChange[];
  readonly operationChanges: readonly (readonly LedgerEntryChange[])[];
  /** Of a contract call that came to run. */
  readonly effects?: SorobanEffects;
}

/**
 * Checks a transaction against the ledger, changing nothing (stellar-core: checkValid). Stops at the first operation
 * that fails; those after it report success, as in stellar-core.
 */
export function validateTransaction(
  tx: Transaction,
  entries: Entries,
  ledger: LedgerContext,
  offsets: CloseTimeOffsets,
  feePayer: FeePayer,
): Outcome {
  const checker = signatureChecker(tx.signatures);
  const common = checkCommon(tx, entries, ledger, offsets, checker, feePayer === 'source' ? tx.fee : undefined);
  if (common.code) return { code: common.code };
  const results = successes(tx);
  for (const [index, operation] of operationsOf(tx).entries()) {
    const problem = authorizationProblem(operation, entries, checker) ?? operation.rules.check(operation.source);
    if (problem) return { code: 'txFailed', operations: results.with(index, problem) };
  }
  return checker.allUsed() ? { code: 'txSuccess', operations: results } : { code: 'txBadAuthExtra' };
}

/**
 * Applies a transaction whose fee is already paid. Its sequence number is spent for good before the operations run,
 * unless it cannot be spent at all; operations all run, and take effect together or not at all.
 */
export function applyTransaction(
  tx: Transaction,
  entries: Entries,
  ledger: LedgerContext,
  feePayer: FeePayer,
): Applied {
  const checker = signatureChecker(tx.signatures);
  const before = layer(entries, ledger.sequence);
  const common = checkCommon(tx, before, ledger, NO_OFFSETS, checker, feePayer === 'source' ? 0n : undefined);
  if (common.spendable) spendSequence(common.spendable, before, tx, ledger);
  const problem: Outcome | undefined = common.code ? { code: common.code } : signatureProblem(tx, before, checker);
  const changesBefore = before.changes();
  before.commit();
  if (problem) return { outcome: problem, changesBefore, operationChanges: [] };
  return { changesBefore, ...applyOperations(tx, entries, ledger) };
}

interface CommonCheck {
  readonly code?: PlainCode;
  /** The source account, once the transaction is known to be the next of its sequence. */
  readonly spendable?: Account;
}

/** What validating and applying share, in stellar-core's order. `fee` is what is still to pay, if the source pays it. */
function checkCommon(
  tx: Transaction,
  entries: Entries,
  ledger: LedgerContext,
  offsets: CloseTimeOffsets,
  checker: SignatureChecker,
  fee: bigint | undefined,
): CommonCheck {
  if (tx.content.refusal) return { code: tx.content.refusal };
  const { operations, preconditions } = tx.content;
  const { extraSigners } = preconditions;
  if (new Set(extraSigners).size < extraSigners.length) return { code: 'txMalformed' };
  if (operations.length === 0) return { code: 'txMissingOperation' };
  if (isBadContractCall(tx, fee !== undefined)) return { code: 'txSorobanInvalid' };
  if (isTooEarly(preconditions, ledger, offsets)) return { code: 'txTooEarly' };
  if (isTooLate(preconditions, ledger, offsets)) return { code: 'txTooLate' };
  if (fee !== undefined && inclusionFee(tx) < ledger.baseFee * tx.feeOperations) return { code: 'txInsufficientFee' };
  const account = entries.account(tx.source);
  if (!account) return { code: 'txNoAccount' };
  if (accessesFrozen(tx, ledger)) return { code: 'txFrozenKeyAccessed' };
  if (!isNextInSequence(tx, account, ledger)) return { code: 'txBadSeq' };
  const spendable = account;
  if (isTooEarlyFor(account, preconditions, ledger, offsets)) return { code: 'txBadMinSeqAgeOrGap', spendable };
  if (!checker.reaches(signersOf(account), account.thresholds.low)) return { code: 'txBadAuth', spendable };
  if (!extraSignersSigned(extraSigners, checker)) return { code: 'txBadAuth', spendable };
  if (fee !== undefined && availableBalance(account, ledger.baseReserve) < fee) {
    return { code: 'txInsufficientBalance', spendable };
  }
  return { spendable };
}

/** The fee need not cover the resources when a fee bump does. */
function isBadContractCall({ content, fee, resourceFee }: Transaction, paysItself: boolean): boolean {
  if (content.refusal || !content.soroban) return false;
  return !content.soroban.valid || (paysItself && resourceFee > fee);
}

function isNextInSequence(tx: Transaction, { sequence }: Account, ledger: LedgerContext): boolean {
  if (tx.sequence === startingSequence(ledger.sequence)) return false;
  const lowest = tx.content.refusal ? undefined : tx.content.preconditions.minSequence;
  if (lowest !== undefined) return sequence >= lowest && sequence < tx.sequence;
  return sequence !== MAX_INT64 && sequence + 1n === tx.sequence;
}

function extraSignersSigned(extraSigners: readonly string[], checker: SignatureChecker): boolean {
  if (extraSigners.length === 0) return true;
  return checker.reaches(
    extraSigners.map((key) => ({ key, weight: 1 })),
    extraSigners.length,
  );
}

function spendSequence(account: Account, entries: Entries, { sequence }: Transaction, ledger: LedgerContext): void {
  entries.put({ ...account, sequence, sequenceSet: { ledger: ledger.sequence, time: ledger.closeTime } });
}

/** Checks every operation's signatures before any runs: txFAILED with all that are badly authorized, or unused ones. */
function signatureProblem(tx: Transaction, entries: Entries, checker: SignatureChecker): Outcome | undefined {
  const results = operationsOf(tx).map(
    (operation) => authorizationProblem(operation, entries, checker) ?? operation.rules.success,
  );
  if (results.some(({ type }) => type !== 'opInner')) return { code: 'txFailed', operations: results };
  return checker.allUsed() ? undefined : { code: 'txBadAuthExtra' };
}

/** An operation whose source does not exist (yet) needs that key's signature; the account is looked for when applied. */
function authorizationProblem({ source, rules }: Operation, entries: Entries, checker: SignatureChecker) {
  const account = entries.account(source);
  const authorized = account
    ? checker.reaches(signersOf(account), account.thresholds[rules.threshold])
    : checker.reaches([{ key: source, weight: 1 }], 0);
  return authorized ? undefined : OperationResult.opBadAuth();
}

function applyOperations(tx: Transaction, entries: Entries, ledger: LedgerContext) {
  const whole = layer(entries, ledger.sequence);
  const operationChanges: LedgerEntryChange[][] = [];
  let reported: { effects: SorobanEffects } | undefined;
  const report = (effects: SorobanEffects) => {
    reported = { effects };
  };
  const results = operationsOf(tx).map(({ source, rules }) => {
    const own = layer(whole, ledger.sequence);
    const problem = own.account(source)
      ? (rules.check(source) ?? rules.apply({ entries: own, source, ledger, report }))
      : OperationResult.opNoAccount();
    if (problem) return { problem, result: problem };
    operationChanges.push(own.changes());
    own.commit();
    return { result: reported ? invocationResult(reported.effects.result) : rules.success };
  });
  const operations = results.map(({ result }) => result);
  if (results.some(({ problem }) => problem)) {
    return { outcome: { code: 'txFailed', operations } satisfies Outcome, operationChanges: [], ...reported };
  }
  whole.commit();
  return { outcome: { code: 'txSuccess', operations } satisfies Outcome, operationChanges, ...reported };
}

function operationsOf({ content }: Transaction): readonly Operation[] {
  return content.refusal ? [] : content.operations;
}

function successes(tx: Transaction): OperationResult[] {
  return operationsOf(tx).map(({ rules }) => rules.success);
}
