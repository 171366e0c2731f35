import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { ChainHead } from './chain.ts';

/** A statement of where every chain of a database had come, at one moment. Checkpoints are a chain of their own. */
export interface Checkpoint {
  /** From 1, without a gap. */
  readonly number: bigint;
  /** ISO 8601 with milliseconds, UTC, by the database's clock. */
  readonly time: string;
  /** Of the checkpoint before; GENESIS_HASH for the first. */
  readonly previousHash: string;
  /** Whose signature it carries: see `keyFingerprint`. */
  readonly key: string;
  /** Sorted by chain; those that have an event. */
  readonly heads: readonly ChainCheckpoint[];
}

export interface ChainCheckpoint extends ChainHead {
  readonly chain: string;
}

const DOMAIN = 'countersign audit checkpoint v1\n';

/** The JSON of a checkpoint that is signed and hashed: RFC 8785, numbers as decimal strings. */
export function checkpointStatement({ number, time, previousHash, key, heads }: Checkpoint): string {
  return canonicalJson({
    number: `${number}`,
    time,
    previousHash,
    key,
    heads: heads.map(({ chain, sequence, hash }) => ({ chain, sequence: `${sequence}`, hash })),
  });
}

/** Lower-case hex of SHA-256 over what is signed. */
export function checkpointHash(statement: string): string {
  return createHash('sha256').update(signedBytes(statement)).digest('hex');
}

/** @returns the Ed25519 signature, base64. */
export function signCheckpoint(statement: string, privateKey: KeyObject): string {
  return sign(null, signedBytes(statement), privateKey).toString('base64');
}

export function isSignedBy(publicKey: KeyObject, statement: string, signature: string): boolean {
  return verify(null, signedBytes(statement), publicKey, Buffer.from(signature, 'base64'));
}

/** Names a key: lower-case hex of SHA-256 over its public part (SPKI, DER). */
export function keyFingerprint(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

/** One line says what it is, so that the signature of one thing is never taken for that of another. */
function signedBytes(statement: string): Buffer {
  return Buffer.from(DOMAIN + statement);
}
