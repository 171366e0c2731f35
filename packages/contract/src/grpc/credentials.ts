import { constants } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { ChannelCredentials, ServerCredentials } from '@grpc/grpc-js';
import { isSpiffeId, spiffeIdOf } from '../peer.ts';

/** PEM text as bytes, or the path of a file that holds it. */
export type Pem = Uint8Array | string;

export interface TlsMaterial {
  /** The CA that the other side's certificate must chain to; no other is trusted. */
  readonly ca: Pem;
  readonly cert: Pem;
  readonly key: Pem;
}

/**
 * Credentials for a server that speaks TLS 1.3 alone, asks for a client certificate and finishes no handshake without
 * a trusted one. Sessions are not resumed: every connection presents its certificate.
 */
export function createMtlsServerCredentials(material: TlsMaterial): ServerCredentials {
  return new MtlsServerCredentials(readMaterial(material));
}

// grpc-js's own createSsl has no way to set the TLS floor.
class MtlsServerCredentials extends ServerCredentials {
  constructor(material: LoadedMaterial) {
    super(
      { requestCert: true, rejectUnauthorized: true },
      { ...material, minVersion: 'TLSv1.3', secureOptions: constants.SSL_OP_NO_TICKET },
    );
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}

/**
 * Credentials for a client that speaks TLS 1.3 alone and accepts one server: the one whose certificate chains to the CA
 * and carries exactly this SPIFFE ID. The host name plays no part.
 */
export function createMtlsChannelCredentials(material: TlsMaterial, serverSpiffeId: string): ChannelCredentials {
  if (!isSpiffeId(serverSpiffeId)) throw new Error(`server: expected a SPIFFE ID, got ${serverSpiffeId}`);
  const context = createSecureContext({ ...readMaterial(material), minVersion: 'TLSv1.3' });
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

interface LoadedMaterial {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

const readMaterial = ({ ca, cert, key }: TlsMaterial): LoadedMaterial => ({
  ca: readPem(ca),
  cert: readPem(cert),
  key: readPem(key),
});

const readPem = (pem: Pem): Buffer => (typeof pem === 'string' ? readFileSync(pem) : Buffer.from(pem));
