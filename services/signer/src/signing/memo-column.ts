import { memoText } from '@countersign/chains/transfer';
import type { DeclaredPayout } from './proposal.ts';

/** The memo as the database and the fingerprint have it. */
export function memoColumn({ memo }: DeclaredPayout): string | null {
  return memo === undefined ? null : memoText(memo);
}
