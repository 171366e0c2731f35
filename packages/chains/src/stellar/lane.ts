import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { ChainId } from '../caip.ts';
import { checkRange } from '../check.ts';
import { MAX_INT64 } from '../limits.ts';

/** Sequence numbers in a lane. Ranges are aligned to multiples of it, so that no two overlap. */
export const LANE_WIDTH = 1024n;

/** The numbers n of a lane: `start < n <= end`, both multiples of LANE_WIDTH. A closing BumpSequence goes to `end`. */
export interface SequenceRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** Payments in one transaction: of the 100 operations that the protocol admits, the last closes the lane. */
export const MAX_PAYMENTS = 99;

// The last multiple of LANE_WIDTH that a sequence number (int64) can reach.
const MAX_SEQUENCE = (MAX_INT64 / LANE_WIDTH) * LANE_WIDTH;

/** The lane that a transaction's sequence number lies in. */
export function laneOf(sequence: bigint): SequenceRange {
  checkRange('INVALID_SEQUENCE', 'sequence', sequence, 1n, MAX_SEQUENCE);
  const start = ((sequence - 1n) / LANE_WIDTH) * LANE_WIDTH;
  return { start, end: start + LANE_WIDTH };
}

/** The lane's name: `stellar:<network>:<channel account>:<start>`. */
export function stellarLaneId(chain: ChainId, channel: string, range: SequenceRange): string {
  return `${chain}:${channel}:${range.start}`;
}

/**
 * The nonce of a payout's one authorization entry (int64): the first 8 bytes, big-endian two's complement, of
 * SHA-256(utf8("countersign/soroban-nonce/v1\0" + payout id)).
 */
export function authorizationNonce(payoutId: string): bigint {
  const digest = sha256(utf8ToBytes(`countersign/soroban-nonce/v1\0${payoutId}`));
  return new DataView(digest.buffer, digest.byteOffset).getBigInt64(0);
}

/** The lane of an authorization entry, whose nonce the ledger takes once: `stellar:<network>:<account>:authorization:<nonce>`. */
export function authorizationLaneId(chain: ChainId, account: string, nonce: bigint): string {
  return `${chain}:${account}:authorization:${nonce}`;
}
