import { type LedgerEntryChange, OperationResult } from '@stellar/stellar-sdk/xdr';
import { type Account, availableBalance, signersOf } from './account.ts';
import { type Accounts, layer } from './accounts.ts';
import { type CloseTimeOffsets, type LedgerContext, NO_OFFSETS, startingSequence } from './context.ts';
import type { Operation, Transaction } from './envelope.ts';
import { MAX_INT64 } from './network.ts';
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
}

/**
 * Checks a transaction against the ledger, changing nothing (stellar-core: checkValid). Stops at the first operation
 * that fails; those after it report success, as in stellar-core.
 */
export function validateTransaction(
  tx: Transaction,
  accounts: Accounts,
  ledger: LedgerContext,
  offsets: CloseTimeOffsets,
  feePayer: FeePayer,
): Outcome {
  const checker = signatureChecker(tx.signatures);
  const common = checkCommon(tx, accounts, ledger, offsets, checker, feePayer === 'source' ? tx.fee : undefined);
  if (common.code) return { code: common.code };
  const results = successes(tx);
  for (const [index, operation] of operationsOf(tx).entries()) {
    const problem = authorizationProblem(operation, accounts, checker) ?? operation.rules.check(operation.source);
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
  accounts: Accounts,
  ledger: LedgerContext,
  feePayer: FeePayer,
): Applied {
  const checker = signatureChecker(tx.signatures);
  const before = layer(accounts, ledger.sequence);
  const common = checkCommon(tx, before, ledger, NO_OFFSETS, checker, feePayer === 'source' ? 0n : undefined);
  if (common.spendable) spendSequence(common.spendable, before, tx, ledger);
  const problem: Outcome | undefined = common.code ? { code: common.code } : signatureProblem(tx, before, checker);
  const changesBefore = before.changes();
  before.commit();
  if (problem) return { outcome: problem, changesBefore, operationChanges: [] };
  return { changesBefore, ...applyOperations(tx, accounts, ledger) };
}

interface CommonCheck {
  readonly code?: PlainCode;
  /** The source account, once the transaction is known to be the next of its sequence. */
  readonly spendable?: Account;
}

/** What validating and applying share, in stellar-core's order. `fee` is what is still to pay, if the source pays it. */
function checkCommon(
  tx: Transaction,
  accounts: Accounts,
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
  if (isTooEarly(preconditions, ledger, offsets)) return { code: 'txTooEarly' };
  if (isTooLate(preconditions, ledger, offsets)) return { code: 'txTooLate' };
  if (fee !== undefined && tx.fee < ledger.baseFee * tx.feeOperations) return { code: 'txInsufficientFee' };
  const account = accounts.get(tx.source);
  if (!account) return { code: 'txNoAccount' };
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

function spendSequence(account: Account, accounts: Accounts, { sequence }: Transaction, ledger: LedgerContext): void {
  accounts.put({ ...account, sequence, sequenceSet: { ledger: ledger.sequence, time: ledger.closeTime } });
}

/** Checks every operation's signatures before any runs: txFAILED with all that are badly authorized, or unused ones. */
function signatureProblem(tx: Transaction, accounts: Accounts, checker: SignatureChecker): Outcome | undefined {
  const results = operationsOf(tx).map(
    (operation) => authorizationProblem(operation, accounts, checker) ?? operation.rules.success,
  );
  if (results.some(({ type }) => type !== 'opInner')) return { code: 'txFailed', operations: results };
  return checker.allUsed() ? undefined : { code: 'txBadAuthExtra' };
}

/** An operation whose source does not exist (yet) needs that key's signature; the account is looked for when applied. */
function authorizationProblem({ source, rules }: Operation, accounts: Accounts, checker: SignatureChecker) {
  const account = accounts.get(source);
  const authorized = account
    ? checker.reaches(signersOf(account), account.thresholds[rules.threshold])
    : checker.reaches([{ key: source, weight: 1 }], 0);
  return authorized ? undefined : OperationResult.opBadAuth();
}

function applyOperations(tx: Transaction, accounts: Accounts, ledger: LedgerContext) {
  const whole = layer(accounts, ledger.sequence);
  const operationChanges: LedgerEntryChange[][] = [];
  const results = operationsOf(tx).map(({ source, rules }) => {
    const own = layer(whole, ledger.sequence);
    const problem = own.get(source)
      ? (rules.check(source) ?? rules.apply({ accounts: own, source, ledger }))
      : OperationResult.opNoAccount();
    if (problem) return { problem, result: problem };
    operationChanges.push(own.changes());
    own.commit();
    return { result: rules.success };
  });
  const operations = results.map(({ result }) => result);
  if (results.some(({ problem }) => problem)) {
    return { outcome: { code: 'txFailed', operations } satisfies Outcome, operationChanges: [] };
  }
  whole.commit();
  return { outcome: { code: 'txSuccess', operations } satisfies Outcome, operationChanges };
}

function operationsOf({ content }: Transaction): readonly Operation[] {
  return content.refusal ? [] : content.operations;
}

function successes(tx: Transaction): OperationResult[] {
  return operationsOf(tx).map(({ rules }) => rules.success);
}
