import { CountersignError } from '@countersign/contract/errors';
import { PeerError, spiffeIdOf } from '@countersign/contract/peer';

/**
 * Stage 1. Who calls: the one SPIFFE ID of the client certificate (DER), whose chain TLS has already verified.
 *
 * @throws CountersignError UNAUTHENTICATED.
 */
export function authenticate(certificate: Uint8Array | undefined): string {
  if (certificate === undefined) throw new CountersignError('UNAUTHENTICATED', 'a client certificate is required');
  try {
    return spiffeIdOf(certificate);
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    throw new CountersignError('UNAUTHENTICATED', error.message, { cause: error });
  }
}
