import { memoText, type Transfer } from '@countersign/chains/transfer';

/** The memo as the database and the fingerprint have it. */
export function memoColumn({ memo }: Transfer): string | null {
  return memo === undefined ? null : memoText(memo);
}
