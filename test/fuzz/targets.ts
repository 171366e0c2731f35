import type { Target } from './target.ts';
import { evmTransactions } from './targets/evm.ts';
import { policyFiles } from './targets/policy.ts';
import { signerRequests } from './targets/signer.ts';
import { sorobanAuthorizations, stellarEnvelopes } from './targets/stellar.ts';

export const TARGETS: readonly Target[] = [
  stellarEnvelopes,
  sorobanAuthorizations,
  evmTransactions,
  policyFiles,
  signerRequests,
];
