import type { LedgerEntryChange, TransactionResult } from '@stellar/stellar-sdk/xdr';
import { availableBalance, signersOf } from './account.ts';
import type { CloseTimeOffsets, LedgerContext } from './context.ts';
import { type Entries, layer } from './entries.ts';
import { nameOf } from './entry-name.ts';
import { type FeeBump, type Frame, inclusionFee, type Transaction } from './envelope.ts';
import { feeBumpResult, type PlainCode, succeeded, transactionResult } from './result.ts';
import { signatureChecker } from './signatures.ts';
import { type Applied, applyTransaction, validateTransaction } from './transaction.ts';

export interface Validation {
  readonly valid: boolean;
  readonly result: TransactionResult;
}

/** Checks an envelope of either kind. The fee that a refusal tells is the least for its operations, as in stellar-core. */
export function validateFrame(
  frame: Frame,
  entries: Entries,
  ledger: LedgerContext,
  offsets: CloseTimeOffsets,
): Validation {
  const result = validationResult(frame, entries, ledger, offsets);
  return { valid: succeeded(result), result };
}

function validationResult(frame: Frame, entries: Entries, ledger: LedgerContext, offsets: CloseTimeOffsets) {
  const fee = frame.resourceFee + ledger.baseFee * frame.feeOperations;
  if (frame.kind === 'transaction') {
    return transactionResult(fee, validateTransaction(frame, entries, ledger, offsets, 'source'));
  }
  const problem = feeBumpProblem(frame, entries, ledger);
  if (problem) return transactionResult(problem.feeCharged ?? fee, { code: problem.code });
  const inner = validateTransaction(frame.inner, entries, ledger, offsets, 'feeBump');
  return feeBumpResult(fee, frame.inner.hash, inner);
}

/** What is wrong with the outer envelope of a fee bump (CAP-15), whatever its inner transaction. */
function feeBumpProblem(
  { fee, feeOperations, feeSource, resourceFee, inner, signatures }: FeeBump,
  entries: Entries,
  ledger: LedgerContext,
): { code: PlainCode; feeCharged?: bigint } | undefined {
  const offered = fee - resourceFee;
  if (offered < ledger.baseFee * feeOperations) return { code: 'txInsufficientFee' };
  const asked = inclusionFee(inner) * feeOperations;
  if (offered * inner.feeOperations < asked) {
    const least = resourceFee + (asked + inner.feeOperations - 1n) / inner.feeOperations;
    return { code: 'txInsufficientFee', feeCharged: least };
  }
  const account = entries.account(feeSource);
  if (!account) return { code: 'txNoAccount' };
  const checker = signatureChecker(signatures);
  if (!checker.reaches(signersOf(account), account.thresholds.low)) return { code: 'txBadAuth' };
  if (availableBalance(account, ledger.baseReserve) < fee) return { code: 'txInsufficientBalance' };
  if (ledger.frozen.has(nameOf.account(feeSource))) return { code: 'txFrozenKeyAccessed' };
  return checker.allUsed() ? undefined : { code: 'txBadAuthExtra' };
}

/**
 * Takes the fee: the ledger's price and all that was set aside for a call's resources, but never more than the envelope offers or the account has. The account may fall
 * below its reserve. The fees of a whole ledger are taken before any of its transactions is applied.
 */
export function chargeFee(
  { feeSource, fee, feeOperations, resourceFee }: Frame,
  entries: Entries,
  ledgerSequence: number,
  baseFee: bigint,
): { feeCharged: bigint; changes: LedgerEntryChange[] } {
  const paying = layer(entries, ledgerSequence);
  const account = paying.account(feeSource);
  if (!account) throw new Error(`fee source ${feeSource} of a valid transaction does not exist`);
  const feeCharged = [fee, resourceFee + baseFee * feeOperations, account.balance].reduce((a, b) => (b < a ? b : a));
  paying.put({ ...account, balance: account.balance - feeCharged });
  const changes = paying.changes();
  paying.commit();
  return { feeCharged, changes };
}

/**
 * Applies an envelope whose fee was charged; a fee bump's outer part was done with when its fee was taken. The result
 * tells the fee without what is given back of it.
 */
export function applyFrame(
  frame: Frame,
  entries: Entries,
  ledger: LedgerContext,
  feeCharged: bigint,
): Applied & { result: TransactionResult; refund: bigint } {
  const transaction = frame.kind === 'transaction' ? frame : frame.inner;
  const applied = applyTransaction(transaction, entries, ledger, frame.kind === 'transaction' ? 'source' : 'feeBump');
  const refund = refundOf(transaction, applied, feeCharged);
  const kept = feeCharged - refund;
  const result =
    frame.kind === 'transaction'
      ? transactionResult(kept, applied.outcome)
      : feeBumpResult(kept, frame.inner.hash, applied.outcome);
  return { ...applied, refund, result };
}

/** What a contract call did not use up of the refundable fee: all of it when it failed. */
function refundOf({ content, resourceFee }: Transaction, { effects }: Applied, feeCharged: bigint): bigint {
  if (content.refusal || !content.soroban) return 0n;
  const unused = resourceFee - content.soroban.nonRefundableFee - (effects?.refundableFee ?? 0n);
  return unused < feeCharged ? unused : feeCharged;
}

/** Gives a fee back. This comes after all transactions of a ledger, and is no part of any. */
export function refundFee(
  { feeSource }: Frame,
  refund: bigint,
  entries: Entries,
  ledgerSequence: number,
): LedgerEntryChange[] {
  const paying = layer(entries, ledgerSequence);
  const account = paying.account(feeSource);
  if (!account) throw new Error(`fee source ${feeSource} is gone`);
  paying.put({ ...account, balance: account.balance + refund });
  const changes = paying.changes();
  paying.commit();
  return changes;
}
