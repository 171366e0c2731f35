import { CountersignError } from '@countersign/contract/errors';
import type { Backend, BackendAnswer } from '@countersign/custody/backend';
import { CustodyError } from '@countersign/custody/error';
import type { RegisteredKey } from '@countersign/custody/registry';
import type { SignerContext } from '../context.ts';
import type { CustodyPaths } from '../custody/custody-paths.ts';
import { type Proposal, signingHash } from './proposal.ts';

/** A raw signature, not yet verified, and the way it was made. */
export interface RawSignature extends BackendAnswer {
  readonly path: 'legacy' | 'kms';
}

/** Which of its custodies signs: on `shadow` the legacy one does. */
export function signingPath(paths: Pick<CustodyPaths, 'pathOf'>, keyId: string): 'legacy' | 'kms' {
  return paths.pathOf(keyId) === 'kms' ? 'kms' : 'legacy';
}

/** The custody that signs on the path in force. @throws CountersignError CUSTODY_REFUSED where the signer has not opened it. */
export function custodyOf(
  paths: Pick<CustodyPaths, 'pathOf'>,
  key: RegisteredKey,
): { path: 'legacy' | 'kms'; backend: Backend } {
  const path = signingPath(paths, key.id);
  const backend = key.custodies[path];
  if (backend === undefined) {
    throw new CountersignError('CUSTODY_REFUSED', `key ${key.id} has no custody open on the path ${path}`);
  }
  return { path, backend };
}

/**
 * Stage 6. Asks the custody of the path in force now, before anything is awaited: it may be closed after that. The caller's deadline no longer counts: what is reserved is carried
 * through, within the signer's own.
 *
 * @throws CountersignError CUSTODY_UNAVAILABLE (retryable), CUSTODY_REFUSED; its cause has every attempt.
 */
export async function sign(
  { paths, signTimeoutMs }: Pick<SignerContext, 'paths' | 'signTimeoutMs'>,
  proposal: Proposal,
): Promise<RawSignature> {
  const { path, backend } = custodyOf(paths, proposal.key);
  // Not AbortSignal.timeout: that one's timer stays until it fires, after the signature is long there.
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new DOMException('timeout', 'TimeoutError')), signTimeoutMs);
  try {
    const answer = await backend.sign(signingHash(proposal), deadline.signal);
    return { ...answer, path };
  } catch (cause) {
    if (!(cause instanceof CustodyError)) throw cause;
    throw cause.retryable
      ? new CountersignError('CUSTODY_UNAVAILABLE', `the ${backend.name} custody does not answer`, { cause })
      : new CountersignError('CUSTODY_REFUSED', `the ${backend.name} custody refuses to sign`, { cause });
  } finally {
    clearTimeout(timer);
  }
}
