import { createSecureContext } from 'node:tls';
import { ChannelCredentials } from '@grpc/grpc-js';
import { isSpiffeId, spiffeIdOf } from '../peer.ts';
import type { TlsMaterial } from './tls-files.ts';

/**
 * Credentials for a client that speaks TLS 1.3 alone and accepts one server: the one whose certificate chains to the CA
 * and carries exactly this SPIFFE ID. The host name plays no part.
 */
export function createMtlsChannelCredentials(material: TlsMaterial, serverSpiffeId: string): ChannelCredentials {
  if (!isSpiffeId(serverSpiffeId)) throw new Error(`server: expected a SPIFFE ID, got ${serverSpiffeId}`);
  const context = createSecureContext({ ...material, minVersion: 'TLSv1.3' });
  return ChannelCredentials.createFromSecureContext(context, {
    checkServerIdentity: (_host, certificate) => {
      try {
        const found = spiffeIdOf(certificate.raw);
        return found === serverSpiffeId ? undefined : new Error(`server: expected ${serverSpiffeId}, got ${found}`);
      } catch (error) {
        return error instanceof Error ? error : new Error('server: its certificate cannot be read');
      }
    },
  });
}
