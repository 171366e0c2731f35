import { closesLane } from '@countersign/chains/stellar/closes-lane';
import type { StellarTransaction } from '@countersign/chains/stellar/decode';
import { laneOf } from '@countersign/chains/stellar/lane';
import { memoText, type Transfer } from '@countersign/chains/transfer';
import { jsonString } from '@countersign/sshsig/json-string';
import type { Declared } from './declared.ts';
import { authorizedTransfer } from './match-authorization.ts';
import { mismatch } from './mismatch.ts';
import { operationTransfer } from './operation-transfer.ts';

export type { DeclaredPayout } from './declared.ts';
export { MismatchError } from './mismatch.ts';
export { operationTransfer } from './operation-transfer.ts';

/**
 * The transfers found in the transaction are exactly the payouts declared, as a multiset, and beside them stands only what the
 * purpose demands: on Stellar the BumpSequence that closes the lane; for a cancel a self-transfer of zero.
 *
 * @returns the transfers, in the order of the transaction.
 * @throws MismatchError
 */
export function match(declared: Declared): readonly Transfer[] {
  const { transaction, purpose, payouts, address } = declared;
  if (purpose === 'cancel') {
    if (payouts.length > 0)
      throw mismatch('PAYOUTS_IN_CANCEL', `payouts: expected none for a cancel, got ${payouts.length}`);
    matchCancel(transaction, address);
    return [];
  }
  const transfers = transfersOf(declared);
  matchPayouts(transfers, payouts);
  return transfers;
}

function transfersOf(declared: Declared): Transfer[] {
  if (!('networkPassphrase' in declared)) return [declared.transaction.transfer];
  const { transaction } = declared;
  switch (transaction.kind) {
    case 'stellar':
      return stellarTransfers(transaction);
    case 'stellar-authorization':
      return [authorizedTransfer(declared, transaction)];
    case 'stellar-invocation':
      return [authorizedTransfer(declared, transaction.authorization)];
    default:
      return transaction satisfies never;
  }
}

function stellarTransfers(transaction: StellarTransaction): Transfer[] {
  const { operations, sequence, memo } = transaction;
  if (!closesLane(transaction)) {
    const { end } = laneOf(sequence);
    throw mismatch('LANE_NOT_CLOSED', `operations: expected the last to be BumpSequence of the channel to ${end}`);
  }
  return operations.slice(0, -1).map((operation, i) => {
    const transfer = operationTransfer(operation, memo);
    if (transfer === undefined) {
      throw mismatch('OPERATION_NOT_DECLARED', `operations[${i}]: expected a transfer, got BumpSequence`);
    }
    return transfer;
  });
}

function matchCancel(transaction: Declared['transaction'], address: string): void {
  if (transaction.kind !== 'evm') throw mismatch('CANCEL_NOT_SUPPORTED', 'purpose: a cancel exists on EVM alone');
  const { to, value, transfer } = transaction;
  // The self-transfer is of the native asset: a token call moves no value, and something else.
  if (to !== address || transfer.destination !== address)
    throw mismatch('CANCEL_NOT_TO_SELF', `to: expected ${address}, got ${to}`);
  if (value !== 0n) throw mismatch('CANCEL_WITH_VALUE', `value: expected 0, got ${value}`);
}

function matchPayouts(transfers: readonly Transfer[], payouts: readonly Transfer[]): void {
  if (payouts.length === 0) throw mismatch('NO_PAYOUTS', 'payouts: expected at least one');
  const undeclared = new Map<string, number>();
  for (const transfer of transfers) {
    const terms = termsOf(transfer);
    undeclared.set(terms, (undeclared.get(terms) ?? 0) + 1);
  }
  for (const [i, payout] of payouts.entries()) {
    const terms = termsOf(payout);
    const left = undeclared.get(terms) ?? 0;
    if (left === 0) throw mismatch('PAYOUT_NOT_PAID', `payouts[${i}]: the transaction has no transfer ${terms}`);
    if (left === 1) undeclared.delete(terms);
    else undeclared.set(terms, left - 1);
  }
  for (const terms of undeclared.keys()) {
    throw mismatch('TRANSFER_NOT_DECLARED', `payouts: the transaction also pays ${terms}, which is not declared`);
  }
}

function termsOf({ destination, asset, amount, memo }: Transfer): string {
  return `${amount} of ${asset} to ${destination}${memo === undefined ? '' : ` with memo ${jsonString(memoText(memo))}`}`;
}
