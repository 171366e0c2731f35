import type { LedgerEntryChange, TransactionResult } from '@stellar/stellar-sdk/xdr';
import { availableBalance, signersOf } from './account.ts';
import { type Accounts, layer } from './accounts.ts';
import type { CloseTimeOffsets, LedgerContext } from './context.ts';
import type { FeeBump, Frame } from './envelope.ts';
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
  accounts: Accounts,
  ledger: LedgerContext,
  offsets: CloseTimeOffsets,
): Validation {
  const result = validationResult(frame, accounts, ledger, offsets);
  return { valid: succeeded(result), result };
}

function validationResult(frame: Frame, accounts: Accounts, ledger: LedgerContext, offsets: CloseTimeOffsets) {
  const fee = ledger.baseFee * frame.feeOperations;
  if (frame.kind === 'transaction') {
    return transactionResult(fee, validateTransaction(frame, accounts, ledger, offsets, 'source'));
  }
  const problem = feeBumpProblem(frame, accounts, ledger);
  if (problem) return transactionResult(problem.feeCharged ?? fee, { code: problem.code });
  const inner = validateTransaction(frame.inner, accounts, ledger, offsets, 'feeBump');
  return feeBumpResult(fee, frame.inner.hash, inner);
}

/** What is wrong with the outer envelope of a fee bump (CAP-15), whatever its inner transaction. */
function feeBumpProblem(
  { fee, feeOperations, feeSource, inner, signatures }: FeeBump,
  accounts: Accounts,
  ledger: LedgerContext,
): { code: PlainCode; feeCharged?: bigint } | undefined {
  if (fee < ledger.baseFee * feeOperations) return { code: 'txInsufficientFee' };
  const asked = inner.fee * feeOperations;
  if (fee * inner.feeOperations < asked) {
    const least = (asked + inner.feeOperations - 1n) / inner.feeOperations;
    return { code: 'txInsufficientFee', feeCharged: least };
  }
  const account = accounts.get(feeSource);
  if (!account) return { code: 'txNoAccount' };
  const checker = signatureChecker(signatures);
  if (!checker.reaches(signersOf(account), account.thresholds.low)) return { code: 'txBadAuth' };
  if (availableBalance(account, ledger.baseReserve) < fee) return { code: 'txInsufficientBalance' };
  return checker.allUsed() ? undefined : { code: 'txBadAuthExtra' };
}

/**
 * Takes the fee: the ledger's price, but never more than the envelope offers or the account has. The account may fall
 * below its reserve. The fees of a whole ledger are taken before any of its transactions is applied.
 */
export function chargeFee(
  { feeSource, fee, feeOperations }: Frame,
  accounts: Accounts,
  ledgerSequence: number,
  baseFee: bigint,
): { feeCharged: bigint; changes: LedgerEntryChange[] } {
  const paying = layer(accounts, ledgerSequence);
  const account = paying.get(feeSource);
  if (!account) throw new Error(`fee source ${feeSource} of a valid transaction does not exist`);
  const feeCharged = [fee, baseFee * feeOperations, account.balance].reduce((a, b) => (b < a ? b : a));
  paying.put({ ...account, balance: account.balance - feeCharged });
  const changes = paying.changes();
  paying.commit();
  return { feeCharged, changes };
}

/** Applies an envelope whose fee was charged; a fee bump's outer part was done with when its fee was taken. */
export function applyFrame(
  frame: Frame,
  accounts: Accounts,
  ledger: LedgerContext,
  feeCharged: bigint,
): Applied & { result: TransactionResult } {
  if (frame.kind === 'transaction') {
    const applied = applyTransaction(frame, accounts, ledger, 'source');
    return { ...applied, result: transactionResult(feeCharged, applied.outcome) };
  }
  const applied = applyTransaction(frame.inner, accounts, ledger, 'feeBump');
  return { ...applied, result: feeBumpResult(feeCharged, frame.inner.hash, applied.outcome) };
}
