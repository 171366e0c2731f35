import type { StellarTransaction } from '@countersign/chains/stellar/decode';
import type { Transfer } from '@countersign/chains/transfer';

type Operation = StellarTransaction['operations'][number];

/** What an operation moves, with the memo of its transaction; nothing for BumpSequence. */
export function operationTransfer(operation: Operation, memo: Transfer['memo']): Transfer | undefined {
  if (operation.type === 'bumpSequence') return undefined;
  const { destination, asset, amount } = operation;
  return memo === undefined ? { destination, asset, amount } : { destination, asset, amount, memo };
}
