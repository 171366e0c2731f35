import { createHash } from 'node:crypto';
import { Keypair } from '@stellar/stellar-sdk/base';

/** The protocol whose rules are modelled; also what the ledger header and `getNetwork` say. */
export const PROTOCOL_VERSION = 25;

/** 100 billion lumens in stroops: all there ever are. */
export const TOTAL_COINS = 1_000_000_000_000_000_000n;

export const MAX_INT64 = 2n ** 63n - 1n;

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** SHA-256 of the network passphrase. */
export function networkId(passphrase: string): Uint8Array {
  return sha256(new TextEncoder().encode(passphrase));
}

/** The account that holds all lumens at genesis: its Ed25519 seed is the network id, as in stellar-core. */
export function rootKeypair(passphrase: string): Keypair {
  return Keypair.fromRawEd25519Seed(networkId(passphrase));
}
