import { CountersignError } from '@countersign/contract/errors';
import type { BackendAnswer } from '@countersign/custody/backend';
import { CustodyError } from '@countersign/custody/error';
import type { SignerContext } from '../context.ts';
import { type Proposal, signingHash } from './proposal.ts';

/** A raw signature, not yet verified, and the way it was made. */
export interface RawSignature extends BackendAnswer {
  readonly path: 'legacy' | 'kms';
}

/**
 * Stage 6. Asks the custody that the flag names now. The caller's deadline no longer counts: what is reserved is carried
 * through, within the signer's own.
 *
 * @throws CountersignError CUSTODY_UNAVAILABLE (retryable), CUSTODY_REFUSED; its cause has every attempt.
 */
export async function sign(
  { flag, signTimeoutMs }: Pick<SignerContext, 'flag' | 'signTimeoutMs'>,
  proposal: Proposal,
): Promise<RawSignature> {
  const path = flag.pathOf(proposal.key.id);
  const backend = proposal.key.custodies[path];
  if (backend === undefined) {
    throw new CountersignError('CUSTODY_REFUSED', `key ${proposal.key.id} has no custody on the path ${path}`);
  }
  try {
    const answer = await backend.sign(signingHash(proposal), AbortSignal.timeout(signTimeoutMs));
    return { ...answer, path };
  } catch (cause) {
    if (!(cause instanceof CustodyError)) throw cause;
    throw cause.retryable
      ? new CountersignError('CUSTODY_UNAVAILABLE', `the ${backend.name} custody does not answer`, { cause })
      : new CountersignError('CUSTODY_REFUSED', `the ${backend.name} custody refuses to sign`, { cause });
  }
}
