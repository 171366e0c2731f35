import type { Transfer } from '@countersign/chains/transfer';
import type { SignTransactionRequest } from '@countersign/contract/signer';
import type { Call } from '../context.ts';
import type { Decided } from './decide-by-policy.ts';
import type { Proposal } from './proposal.ts';
import type { Recorded } from './recorded.ts';
import type { RawSignature } from './sign.ts';

/** What each stage gives, by its name, in the order of the stages. */
export interface StageResults {
  readonly authenticate: string;
  readonly decode: Proposal;
  readonly match: readonly Transfer[];
  readonly decide: Decided;
  readonly reserve: Recorded | undefined;
  readonly sign: RawSignature;
  readonly verify: Omit<Recorded, 'custodyPath'>;
  readonly record: Recorded;
}

export type StageName = keyof StageResults;

/** What is known of a request by now; the audit event is made of it. */
export interface Findings {
  readonly request: SignTransactionRequest;
  readonly call: Call;
  readonly at: Date;
  /** Hex: of the policy that the request is decided by. */
  readonly policyDigest: string;
  readonly results: { readonly [K in StageName]?: StageResults[K] | undefined };
  /** Milliseconds, in the order run. */
  readonly timings: Readonly<Partial<Record<StageName, number>>>;
}
