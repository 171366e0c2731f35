import type { SignTransactionRequest } from '@countersign/contract/signer';
import type { SignerContext } from '../context.ts';
import type { PolicyInForce } from '../policy/policy-in-force.ts';
import { type Proposal, signingHash } from '../signing/proposal.ts';
import type { RawSignature } from '../signing/sign.ts';

/** Where the key is on `shadow`: has its new custody sign the same bytes, after the answer is on record, and does not wait for it. */
export function compareInShadow(
  { paths, shadow }: Pick<SignerContext, 'paths' | 'shadow'>,
  { requestId }: SignTransactionRequest,
  { digest: policyDigest }: PolicyInForce,
  proposal: Proposal,
  { path, attempts }: RawSignature,
): void {
  const { key } = proposal;
  const { kms: backend } = key.custodies;
  if (paths.pathOf(key.id) !== 'shadow' || path !== 'legacy' || backend === undefined) return;
  const legacyMs = attempts.reduce((sum, { durationMs }) => sum + durationMs, 0);
  shadow.compare({ requestId, policyDigest, key, backend, message: signingHash(proposal), legacyMs });
}
