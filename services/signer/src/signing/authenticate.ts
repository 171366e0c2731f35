import { CountersignError } from '@countersign/contract/errors';
import { type Peer, PeerError, peerOf } from '@countersign/contract/peer';

// A connection has one certificate, and many calls.
const read = new WeakMap<Uint8Array, Peer | PeerError>();

/**
 * Stage 1. Who calls: the one SPIFFE ID of the client certificate (DER), whose chain TLS has verified when the connection
 * began. A connection may outlive its certificate, so the dates are looked at on every call, by the real time.
 *
 * @throws CountersignError UNAUTHENTICATED.
 */
export function authenticate(certificate: Uint8Array | undefined, now: Date = new Date()): string {
  if (certificate === undefined) throw refused('a client certificate is required');
  const peer = peerIn(certificate);
  if (peer instanceof PeerError) throw refused(peer.message, peer);
  if (now < peer.validFrom) throw refused('certificate: not valid yet');
  if (now > peer.validTo) throw refused('certificate: expired');
  return peer.spiffeId;
}

/** The name in a certificate, or why there is none; each certificate is read once. */
export function peerIn(certificate: Uint8Array): Peer | PeerError {
  const known = read.get(certificate);
  if (known !== undefined) return known;
  const peer = readPeer(certificate);
  read.set(certificate, peer);
  return peer;
}

function readPeer(certificate: Uint8Array): Peer | PeerError {
  try {
    return peerOf(certificate);
  } catch (error) {
    if (error instanceof PeerError) return error;
    throw error;
  }
}

function refused(message: string, cause?: PeerError): CountersignError {
  return new CountersignError('UNAUTHENTICATED', message, { cause });
}
