import type { Rate } from '@countersign/runtime/token-bucket';

export interface ConnectionLimits {
  /** Open at once: in all, and from one address. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** New ones from one address. */
  readonly newPerAddress: Rate;
  /** From the first byte of TCP to the end of the TLS handshake, however busy it is meanwhile. */
  readonly handshakeMs: number;
  /** Requests on one connection, whatever they ask for. */
  readonly streams: Rate;
  /** How long calls in flight may take once their connection is told to end. */
  readonly graceMs: number;
}

export const connectionLimits: ConnectionLimits = {
  connections: 1_024,
  connectionsPerAddress: 128,
  newPerAddress: { perSecond: 50, burst: 200 },
  handshakeMs: 5_000,
  streams: { perSecond: 10_000, burst: 20_000 },
  graceMs: 15_000,
};

/** Why a connection was not taken, or ended. */
export type ConnectionRefusal = 'too_many' | 'too_fast' | 'handshake' | 'superseded' | 'stream_flood';
