import { X509Certificate } from 'node:crypto';

const MAX_SPIFFE_ID_BYTES = 2048;

// SPIFFE-ID, section 2: a trust domain name, and path segments that are never empty, `.` or `..`.
const SPIFFE_ID = /^spiffe:\/\/[a-z0-9._-]{1,255}(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+)*$/;

/** Why a certificate names nobody. */
export class PeerError extends Error {
  override readonly name = 'PeerError';
}

/** Who a certificate names, and when. */
export interface Peer {
  readonly spiffeId: string;
  readonly validFrom: Date;
  readonly validTo: Date;
}

/**
 * Reads an X.509-SVID from its DER bytes: the certificate has exactly one URI among its subject alternative names, and is
 * not a CA's. Says nothing about trust: verify the chain first.
 * https://github.com/spiffe/spiffe/blob/main/standards/X509-SVID.md
 *
 * @throws PeerError.
 */
export function peerOf(certificateDer: Uint8Array): Peer {
  const certificate = parse(certificateDer);
  const { validFromDate: validFrom, validToDate: validTo } = certificate;
  return { spiffeId: spiffeIdIn(certificate), validFrom, validTo };
}

/** The SPIFFE ID of an X.509-SVID, as `peerOf` reads it. */
export function spiffeIdOf(certificateDer: Uint8Array): string {
  return spiffeIdIn(parse(certificateDer));
}

function spiffeIdIn(certificate: X509Certificate): string {
  if (certificate.ca) throw new PeerError('certificate: expected a leaf, got one that may sign others');
  const uris = alternativeNames(certificate.subjectAltName ?? '')
    .filter((name) => name.startsWith('URI:'))
    .map((name) => name.slice('URI:'.length));
  const [uri] = uris;
  if (uri === undefined || uris.length !== 1) {
    throw new PeerError(`certificate: expected exactly one URI among its alternative names, got ${uris.length}`);
  }
  if (!isSpiffeId(uri)) throw new PeerError('certificate: its URI is not a SPIFFE ID');
  return uri;
}

/** True for a well-formed SPIFFE ID, for example `spiffe://countersign.dev/api`. */
export function isSpiffeId(text: string): boolean {
  return text.length <= MAX_SPIFFE_ID_BYTES && SPIFFE_ID.test(text);
}

function parse(der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch (cause) {
    throw new PeerError('certificate: cannot be parsed', { cause });
  }
}

// Node writes `URI:a, DNS:b`, and quotes as a JSON string any value that could be mistaken for more than one.
function alternativeNames(text: string): string[] {
  return text.match(/(?:"(?:[^"\\]|\\.)*"|[^",])+/g)?.map((name) => name.trim()) ?? [];
}
